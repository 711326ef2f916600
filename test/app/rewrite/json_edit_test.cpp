#include "app/rewrite/json_edit.hpp"

#include <gmock/gmock.h>

namespace app::rewrite {
namespace {

/// The text after an edit that succeeded; else what is wrong, and the text must be as it was.
std::string after(std::string text, const std::function<result<edited>(std::string&)>& edit) {
  const std::string before = text;
  const auto changed = edit(text);
  EXPECT_TRUE(is_json(text)) << text;
  if (changed.has_error()) {
    EXPECT_EQ(text, before);
    return changed.error().message();
  }
  EXPECT_EQ(*changed == edited::yes, text != before);
  return text;
}

std::string set(std::string text, const json_pointer& at, std::string_view json) {
  return after(std::move(text), [&](std::string& in) { return set_value(in, at, json); });
}
std::string removed(std::string text, const json_pointer& at) {
  return after(std::move(text), [&](std::string& in) { return remove_value(in, at); });
}
std::string extended(std::string text, const json_pointer& at, std::string_view json, edge where = edge::back) {
  return after(std::move(text), [&](std::string& in) { return extend_value(in, at, where, json); });
}

std::string message(errc code) {
  return make_error_code(code).message();
}

TEST(json_set, only_the_bytes_of_the_value_are_replaced) {
  EXPECT_EQ(set("{ \"a\" : 1.0E+2 ,\n\t\"b\":[ 1 ,2],\"c\":\"\\u00e9\" }\n", {"b", "1"}, "{\"x\":0}"),
            "{ \"a\" : 1.0E+2 ,\n\t\"b\":[ 1 ,{\"x\":0}],\"c\":\"\\u00e9\" }\n");
  EXPECT_EQ(set("{\"a\":\"x\"}", {"a"}, "null"), "{\"a\":null}");
}

TEST(json_set, the_same_value_is_no_change) {
  std::string text = "{\"a\":1}";
  EXPECT_EQ(set_value(text, {"a"}, "1").value(), edited::no);
}

TEST(json_set, a_member_that_is_not_there_is_added_behind_the_others) {
  EXPECT_EQ(set("{ }", {"a"}, "1"), "{\"a\":1 }");
  EXPECT_EQ(set("{\"a\":1\n}", {"b\"\n"}, "2"), "{\"a\":1,\"b\\\"\\n\":2\n}");
  EXPECT_EQ(set("{\"a\":{\"x\":[]}, \"z\":0}", {"a", "y"}, "2"), "{\"a\":{\"x\":[],\"y\":2}, \"z\":0}");
}

TEST(json_set, a_dash_adds_to_an_array) {
  EXPECT_EQ(set("[ ]", {"-"}, "1"), "[1 ]");
  EXPECT_EQ(set("[1 ]", {"-"}, "2"), "[1,2 ]");
}

TEST(json_set, what_would_hold_the_value_must_be_there) {
  EXPECT_EQ(set("{}", {"a", "b"}, "1"), message(errc::missing));
  EXPECT_EQ(set("[1]", {"1"}, "1"), message(errc::missing));
  EXPECT_EQ(set("{\"a\":1}", {"a", "b"}, "1"), message(errc::wrong_type));
  EXPECT_EQ(set("{\"a\":1,\"a\":2}", {"a"}, "1"), message(errc::ambiguous));
}

TEST(json_remove, a_member_goes_with_its_comma) {
  constexpr auto text = "{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }";
  EXPECT_EQ(removed(text, {"a"}), "{ \"b\" : 2 , \"c\" : 3 }");
  EXPECT_EQ(removed(text, {"b"}), "{ \"a\" : 1 , \"c\" : 3 }");
  EXPECT_EQ(removed(text, {"c"}), "{ \"a\" : 1 , \"b\" : 2 }");
  EXPECT_EQ(removed("{ \"a\" : 1 }", {"a"}), "{  }");
}

TEST(json_remove, an_element_goes_with_its_comma) {
  EXPECT_EQ(removed("[1, [2], 3]", {"0"}), "[[2], 3]");
  EXPECT_EQ(removed("[1, [2], 3]", {"1", "0"}), "[1, [], 3]");
  EXPECT_EQ(removed("[1, [2], 3]", {"2"}), "[1, [2]]");
}

TEST(json_remove, what_is_not_there_is_no_change) {
  EXPECT_EQ(removed("{\"a\":[1]}", {"b"}), "{\"a\":[1]}");
  EXPECT_EQ(removed("{\"a\":[1]}", {"b", "c"}), "{\"a\":[1]}");
  EXPECT_EQ(removed("{\"a\":[1]}", {"a", "1"}), "{\"a\":[1]}");
  EXPECT_EQ(removed("{\"a\":[1]}", {"a", "-"}), "{\"a\":[1]}");
}

TEST(json_remove, what_cannot_be_told_is_an_error) {
  EXPECT_EQ(removed("{\"a\":1}", {"a", "b"}), message(errc::wrong_type));
  EXPECT_EQ(removed("{\"a\":1,\"a\":2}", {"a"}), message(errc::ambiguous));
  EXPECT_EQ(removed("{}", {}), message(errc::wrong_type));
}

TEST(json_extend, arrays_get_an_element_at_either_end) {
  EXPECT_EQ(extended("{\"a\":[ 1, 2 ]}", {"a"}, "3"), "{\"a\":[ 1, 2,3 ]}");
  EXPECT_EQ(extended("{\"a\":[ 1, 2 ]}", {"a"}, "3", edge::front), "{\"a\":[ 3,1, 2 ]}");
  EXPECT_EQ(extended("{\"a\":[]}", {"a"}, "3", edge::front), "{\"a\":[3]}");
  EXPECT_EQ(extended("[]", {}, "\"x\""), "[\"x\"]");
}

TEST(json_extend, strings_get_text_at_either_end) {
  EXPECT_EQ(extended(R"(["\u00e9\\"])", {"0"}, R"("\nx")"), R"(["\u00e9\\\nx"])");
  EXPECT_EQ(extended(R"(["b"])", {"0"}, R"("a")", edge::front), R"(["ab"])");
  EXPECT_EQ(extended(R"(["b"])", {"0"}, R"("")"), R"(["b"])");
}

TEST(json_extend, nothing_else_can_be_extended) {
  EXPECT_EQ(extended("{\"a\":{}}", {"a"}, "1"), message(errc::wrong_type));
  EXPECT_EQ(extended("{\"a\":\"x\"}", {"a"}, "1"), message(errc::wrong_type));
  EXPECT_EQ(extended("{}", {"a"}, "1"), message(errc::missing));
}

}  // namespace
}  // namespace app::rewrite
