#include "usage/content/leading_mark.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/support/split.hpp"

namespace usage {
namespace {

std::string without(std::string_view text) {
  std::string left;
  bool first = true;
  support::for_each_split(text, [&](const support::pieces& cut) {
    leading_mark mark;
    std::string out;
    for (std::string_view piece : cut) {
      out += mark.strip(piece);
      out += piece;
    }
    EXPECT_TRUE(first || out == left) << support::describe(cut);
    left = out;
    first = false;
  });
  return left;
}

TEST(leading_mark, is_taken_off_once_and_only_at_the_front) {
  EXPECT_EQ(without("\xef\xbb\xbf{}"), "{}");
  EXPECT_EQ(without("{\"a\":\"\xef\xbb\xbf\"}"), "{\"a\":\"\xef\xbb\xbf\"}");
  EXPECT_EQ(without("\xef\xbb\xbf\xef\xbb\xbf{}"), "\xef\xbb\xbf{}");
}

TEST(leading_mark, that_is_incomplete_is_given_back) {
  EXPECT_EQ(without("\xef\xbb{}"), "\xef\xbb{}");
  EXPECT_EQ(without("\xefx"), "\xefx");
}

}  // namespace
}  // namespace usage
