#include "app/base/json_text.hpp"

#include <gtest/gtest.h>

#include <random>

#include <boost/json.hpp>

namespace app {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_json(out, text);
  return out;
}

TEST(json_text, every_byte_below_a_space_is_escaped_and_read_back) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text(1, static_cast<char>(c));
    const std::string written = escaped(text);
    EXPECT_EQ(boost::json::parse(written).as_string(), text) << c;
    EXPECT_EQ(written.find_first_of(std::string("\n\r\0\x1f", 4)), written.npos) << c;
  }
}

TEST(json_text, characters_that_some_clients_take_for_line_ends_are_escaped) {
  EXPECT_EQ(escaped("a\xc2\x85"
                    "b\xe2\x80\xa8"
                    "c\xe2\x80\xa9"
                    "d"),
            R"("a\u0085b\u2028c\u2029d")");
}

TEST(json_text, what_is_not_utf8_becomes_the_replacement_character) {
  const std::string_view bad[] = {
      "\x80",     "\xc0\xaf", "\xe0\x80\x80",    "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf4\x90\x80\x80",
      "\xe2\x82", "\xff",     "\xf0\x80\x80\x80"};
  for (const std::string_view text : bad) {
    const auto read = boost::json::parse(escaped(text));
    EXPECT_TRUE(std::string_view(read.as_string()).starts_with("\xef\xbf\xbd")) << escaped(text);
  }
}

TEST(json_text, any_bytes_give_valid_json_and_valid_text_is_unchanged) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int i = 0; i < 24; ++i) bytes += static_cast<char>(random());
    boost::system::error_code code;
    boost::json::parse(escaped(bytes), code);
    EXPECT_FALSE(code) << code.message();
  }
  const std::string valid = "héllo – 𝄞 \"quoted\" \\ \t";
  EXPECT_EQ(boost::json::parse(escaped(valid)).as_string(), valid);
}

TEST(json_text, pieces_escape_to_the_whole) {
  std::string out;
  append_escaped(out, "one\n");
  append_escaped(out, "two\"");
  EXPECT_EQ(out, R"(one\ntwo\")");
}

}  // namespace
}  // namespace app
