#include "usage/json/wrapped_bytes.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "net/text/base64.hpp"
#include "test/support/split.hpp"

namespace usage {
namespace {

struct collector final : wrapped_bytes::sink {
  void on_bytes(std::string_view piece) override {
    EXPECT_FALSE(piece.empty());
    text += piece;
  }
  std::string text;
};

/// nullopt: refused, or not found.
std::optional<std::string> decode(const support::pieces& cut) {
  wrapped_bytes reader("bytes");
  collector out;
  bool good = true;
  for (const auto piece : cut) good = reader.feed(piece, out);
  return good && reader.found() ? std::optional(out.text) : std::nullopt;
}

void expect_everywhere(std::string_view json, const std::optional<std::string>& expected) {
  support::for_each_split(json, [&](const support::pieces& cut) {
    EXPECT_EQ(decode(cut), expected) << json << " " << support::describe(cut);
  });
}

TEST(wrapped_bytes, are_decoded_however_the_json_is_cut) {
  expect_everywhere(R"({"bytes":"eyJ0eXBlIjoiYSJ9","p":"abc"})", R"({"type":"a"})");
  expect_everywhere(R"( { "p" : "abc" , "bytes" : "e30=" } )", "{}");
  expect_everywhere(R"({"bytes":""})", "");
  expect_everywhere(R"({"bytes":"YQ"})", "a");  // padding may be missing
}

TEST(wrapped_bytes, are_those_of_the_root_alone) {
  expect_everywhere(R"({"a":{"bytes":"e30="}})", std::nullopt);
  expect_everywhere(R"([{"bytes":"e30="}])", std::nullopt);
  expect_everywhere(R"({"a":["bytes","e30="],"b":"bytes"})", std::nullopt);
  expect_everywhere(R"({"byte":"e30=","bytess":"e30=","\"bytes":"e30="})", std::nullopt);
  expect_everywhere(R"({"bytes":null,"a":"e30="})", std::nullopt);
  expect_everywhere(R"({"bytes":{"a":"e30="}})", std::nullopt);
  expect_everywhere(R"({"a":"\\","b":"\"bytes\":","bytes":"e30="})", "{}");
}

TEST(wrapped_bytes, may_have_escapes_that_json_allows) {
  expect_everywhere(R"({"bytes":"\/\/\u002b\u002B"})", "\xff\xff\xbe");
  expect_everywhere(R"({"bytes":"e30\u003d"})", "{}");
}

TEST(wrapped_bytes, that_are_no_base64_are_refused) {
  for (const char* json : {R"({"bytes":"e30=x"})", R"({"bytes":"e3 0"})", R"({"bytes":"e"})", R"({"bytes":"=e30"})",
                           R"({"bytes":"e30=="})", R"({"bytes":"e\n30"})", R"({"bytes":"\u00e9aaa"})",
                           R"({"bytes":"\u00gg"})", R"({"bytes":"e30-"})"}) {
    expect_everywhere(json, std::nullopt);
  }
}

TEST(wrapped_bytes, of_any_size_come_in_bounded_pieces) {
  std::string large;
  for (int i = 0; large.size() < 100'000; ++i) large += std::to_string(i);
  const std::string json = R"({"bytes":")" + net::text::base64_encoded(large) + R"("})";
  EXPECT_EQ(decode({json}), large);
  EXPECT_EQ(decode(support::pieces_of(json, 7)), large);
}

TEST(wrapped_bytes, of_the_next_object_are_read_afresh) {
  wrapped_bytes reader("bytes");
  collector out;
  EXPECT_FALSE(reader.feed(R"({"bytes":"!)", out));
  EXPECT_FALSE(reader.feed("e30=", out));
  reader.reset();
  EXPECT_FALSE(reader.found());
  EXPECT_TRUE(reader.feed(R"({"bytes":"e30="})", out));
  EXPECT_EQ(out.text, "{}");
}

}  // namespace
}  // namespace usage
