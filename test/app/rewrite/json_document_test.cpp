#include "app/rewrite/json_document.hpp"

#include <gmock/gmock.h>

namespace app::rewrite {
namespace {

std::string found(std::string_view text, const json_pointer& at) {
  const auto place = locate(text, at);
  if (place.has_error()) return place.error().message();
  return place->found ? std::string(place->value(text)) : "absent";
}

std::string message(errc code) {
  return make_error_code(code).message();
}

TEST(json_document, a_text_is_checked_as_a_whole) {
  for (const auto* text : {"{}", " [1, 2.50e1, \"\\u00e9\", null] \n", "\"x\"", "true", "0"})
    EXPECT_TRUE(is_json(text)) << text;
  for (const auto* text : {"", " ", "{", "{} {}", "{} x", "[1,]", "{\"a\":1,}", "{a:1}", "'x'", "01", "NaN", "\"\x01\"",
                           "\"\xff\"", "/**/1"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
}

TEST(json_document, only_so_many_values_may_be_inside_each_other) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(is_json(nested(json_depth)));
  EXPECT_FALSE(is_json(nested(json_depth + 1)));
}

TEST(json_document, a_pointer_leads_to_the_bytes_of_a_value) {
  constexpr std::string_view text = " { \"a\" : [ 1.50 , {\"b\":\"]}\\\"\\\\\"} , [ ] ] , \"\" : -0e1 } ";
  EXPECT_EQ(found(text, {"a", "0"}), "1.50");
  EXPECT_EQ(found(text, {"a", "1", "b"}), "\"]}\\\"\\\\\"");
  EXPECT_EQ(found(text, {"a", "2"}), "[ ]");
  EXPECT_EQ(found(text, {""}), "-0e1");
  EXPECT_EQ(found(text, {}), text.substr(1, text.size() - 2));
}

TEST(json_document, what_is_not_there_is_absent_only_at_the_end_of_a_pointer) {
  constexpr std::string_view text = R"({"a":{},"l":[1]})";
  EXPECT_EQ(found(text, {"b"}), "absent");
  EXPECT_EQ(found(text, {"a", "b"}), "absent");
  EXPECT_EQ(found(text, {"l", "-"}), "absent");
  EXPECT_EQ(found(text, {"b", "c"}), message(errc::missing));
  EXPECT_EQ(found(text, {"l", "-", "c"}), message(errc::missing));
}

TEST(json_document, an_index_is_written_plainly_and_within_the_array) {
  constexpr std::string_view text = "[10,11]";
  EXPECT_EQ(found(text, {"1"}), "11");
  for (const auto* token : {"2", "01", "-1", "+1", "1x", "", "a", "99999999999999999999999"}) {
    EXPECT_EQ(found(text, {token}), message(errc::missing)) << token;
  }
}

TEST(json_document, a_scalar_has_nothing_inside) {
  for (const auto* text : {"{\"a\":1}", "{\"a\":null}", "{\"a\":\"x\"}"}) {
    EXPECT_EQ(found(text, {"a", "b"}), message(errc::wrong_type)) << text;
  }
}

TEST(json_document, names_are_compared_without_their_escapes) {
  EXPECT_EQ(found(R"({"m\u006fdel":1})", {"model"}), "1");
  EXPECT_EQ(found(R"({"a\/b":1})", {"a/b"}), "1");
  EXPECT_EQ(found(R"({"mod\\u0065l":1})", {"model"}), "absent");
}

TEST(json_document, a_member_that_is_given_twice_is_ambiguous) {
  EXPECT_EQ(found(R"({"a":1,"b":2,"\u0061":3})", {"a"}), message(errc::ambiguous));
  EXPECT_EQ(found(R"({"a":{},"a":{"b":1}})", {"a", "b"}), message(errc::ambiguous));
  EXPECT_EQ(found(R"({"x":1,"b":2,"x":3})", {"b"}), "2");
}

TEST(json_document, strings_are_read_and_written) {
  EXPECT_EQ(string_at(R"({"a":"\u00e9\n\"x\""})", {"a"}), "é\n\"x\"");
  EXPECT_EQ(string_at(R"({"a":1})", {"a"}), std::nullopt);
  EXPECT_EQ(string_at(R"({"a":"x","a":"y"})", {"a"}), std::nullopt);
  EXPECT_EQ(string_of(literal_of("é\n\"\\\x01")), "é\n\"\\\x01");
}

}  // namespace
}  // namespace app::rewrite
