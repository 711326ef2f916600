#include "app/log/log_line.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace app {
namespace {

log_entry entry_of(std::string_view message, std::span<const log_field> fields) {
  return {std::chrono::system_clock::time_point(std::chrono::milliseconds(1767225600123)), log_level::warn, message,
          fields};
}

TEST(log_line, json_has_time_level_message_and_the_fields_with_their_types) {
  const log_field fields[] = {{"host", "a.test"}, {"bytes", std::int64_t{-7}}, {"done", true}};
  EXPECT_EQ(
      json_line(entry_of("it ended", fields)),
      R"({"ts":"2026-01-01T00:00:00.123Z","level":"warn","msg":"it ended","host":"a.test","bytes":-7,"done":true})");
}

TEST(log_line, json_is_valid_whatever_the_peer_sent) {
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  for (const std::string& text :
       {every, std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"), std::string("\xc0\xaf"),
        std::string("\xe2\x82"), std::string("\xf0\x9f\x98"), std::string("\"}\n{\"level\":\"error\"")}) {
    const log_field fields[] = {{"host", text}};
    const auto line = json_line(entry_of(text, fields));
    EXPECT_EQ(line.find('\n'), std::string::npos);
    boost::system::error_code error;
    const auto parsed = boost::json::parse(line, error);
    ASSERT_FALSE(error) << error.message();
    EXPECT_EQ(parsed.as_object().size(), 4u);
  }
}

TEST(log_line, valid_utf_8_is_kept) {
  const std::string text = "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80";
  EXPECT_NE(json_line(entry_of(text, {})).find(text), std::string::npos);
}

TEST(log_line, text_quotes_what_is_not_one_plain_word) {
  const log_field fields[] = {
      {"host", "a.test"}, {"cause", "connection reset"}, {"reason", ""}, {"bytes", std::int64_t{7}}};
  EXPECT_EQ(text_line(entry_of("session failed", fields)),
            R"(session failed host=a.test cause="connection reset" reason="" bytes=7)");
}

TEST(log_line, text_lets_no_control_sequence_through) {
  const log_field fields[] = {{"host", "\x1b[31m\r\n\x7f"}, {"other", "\xc2\x9b"}};
  EXPECT_EQ(text_line(entry_of("x\x1b", fields)), "x\\u001b host=\"\\u001b[31m\\r\\n\\u007f\" other=\"\\u009b\"");
}

}  // namespace
}  // namespace app
