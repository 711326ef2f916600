#include "app/base/json_bounds.hpp"

#include <gtest/gtest.h>

#include <string>

namespace app {
namespace {

constexpr json_bounds bounds{.depth = 3, .values = 6, .number = 5};

bool within(std::string_view json) {
  return !excess_of(json, bounds);
}

std::string words(std::string_view json) {
  return excess_of(json, bounds).value_or("");
}

TEST(json_bounds, what_is_within_them_passes) {
  EXPECT_TRUE(within(R"({"a":1,"b":[2,3]})"));
  EXPECT_TRUE(within(""));
  EXPECT_TRUE(within(R"("text")"));
}

TEST(json_bounds, nesting_is_counted) {
  EXPECT_TRUE(within("[[[]]]"));
  EXPECT_EQ(words("[[[[]]]]"), "The body has JSON nested deeper than 3 levels.");
  EXPECT_TRUE(within("[[],[]]")) << "beside each other is not within each other";
}

TEST(json_bounds, values_are_counted_however_empty) {
  EXPECT_TRUE(within("[1,2,3,4]"));
  EXPECT_EQ(words("[1,2,3,4,5,6]"), "The body has more than 6 JSON values.");
  EXPECT_EQ(words("[{},{},{},{}]"), "The body has more than 6 JSON values.");
}

TEST(json_bounds, long_numbers_are_refused) {
  EXPECT_TRUE(within("[-1.5,12345]"));
  EXPECT_EQ(words("123456"), "The body has a number of more than 5 digits.");
}

TEST(json_bounds, what_stands_in_strings_does_not_count) {
  EXPECT_TRUE(within(R"({"[[[[":"{{{{,,,,,,,,1234567890"})"));
  EXPECT_TRUE(within(R"(["\"[[[[[","\\"])"));
  EXPECT_FALSE(within(R"(["\\",[[[[]]]]])"));
}

TEST(json_bounds, text_that_ends_in_a_string_ends) {
  EXPECT_TRUE(within(R"({"a)"));
  EXPECT_TRUE(within(R"({"a\)"));
}

}  // namespace
}  // namespace app
