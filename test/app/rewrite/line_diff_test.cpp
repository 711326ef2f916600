#include "app/rewrite/line_diff.hpp"

#include <gtest/gtest.h>

namespace app::rewrite {
namespace {

TEST(line_diff, the_same_text_has_no_difference) {
  EXPECT_EQ(line_diff("a\nb\n", "a\nb\n"), "");
}

TEST(line_diff, lines_that_differ_are_shown_with_those_around) {
  EXPECT_EQ(line_diff("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nx\n6\n7\n8\n", {.around = 1}),
            " ...\n 4\n-5\n+x\n 6\n ...\n");
  EXPECT_EQ(line_diff("a\n", "a\nb\n"), " a\n+b\n");
  EXPECT_EQ(line_diff("a\nb\n", "b\n"), "-a\n b\n");
}

TEST(line_diff, lines_that_stayed_are_found_between_others) {
  EXPECT_EQ(line_diff("a\nb\nc\nd\n", "x\nb\ny\nd\n"), "-a\n+x\n b\n-c\n+y\n d\n");
}

TEST(line_diff, beyond_its_limit_all_that_may_differ_is_shown) {
  EXPECT_EQ(line_diff("a\nb\nc\nd\n", "x\nb\ny\nd\n", {.cells = 8}), "-a\n-b\n-c\n+x\n+b\n+y\n d\n");
  EXPECT_EQ(line_diff("a\nb\nc\nd\n", "x\nb\ny\nd\n", {.cells = 9}), "-a\n+x\n b\n-c\n+y\n d\n");
}

TEST(line_diff, long_lines_are_cut) {
  EXPECT_EQ(line_diff("12345\n", "1234\n", {.width = 4}), "-1234...\n+1234\n");
}

}  // namespace
}  // namespace app::rewrite
