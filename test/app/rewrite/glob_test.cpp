#include "app/rewrite/glob.hpp"

#include <gtest/gtest.h>

namespace app::rewrite {
namespace {

TEST(glob, a_star_stands_for_any_run_of_characters) {
  EXPECT_TRUE(glob_matches("gpt-5*", "gpt-5-mini"));
  EXPECT_TRUE(glob_matches("gpt-5*", "gpt-5"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("/v1/*/x*z", "/v1/a/b/x/z"));
  EXPECT_TRUE(glob_matches("*aab*", "aaab"));
  EXPECT_TRUE(glob_matches("a*ab", "aabab"));
  EXPECT_TRUE(glob_matches("a**b", "ab"));
  EXPECT_FALSE(glob_matches("gpt-5*", "xgpt-5"));
  EXPECT_FALSE(glob_matches("*x", "xa"));
  EXPECT_FALSE(glob_matches("aa*aa", "aaa"));
  EXPECT_FALSE(glob_matches("a*b*c", "acb"));
}

TEST(glob, everything_else_stands_for_itself) {
  EXPECT_TRUE(glob_matches("a.b?[c]", "a.b?[c]"));
  EXPECT_FALSE(glob_matches("a.b", "axb"));
  EXPECT_FALSE(glob_matches("", "x"));
  EXPECT_FALSE(glob_matches("GPT", "gpt"));
}

TEST(glob, two_patterns_meet_where_one_text_fits_both) {
  EXPECT_TRUE(globs_meet("gpt-5*", "*-mini"));
  EXPECT_TRUE(globs_meet("a*c", "ab*"));
  EXPECT_TRUE(globs_meet("*", ""));
  EXPECT_TRUE(globs_meet("a", "a"));
  EXPECT_TRUE(globs_meet("*a*", "*b*"));
  EXPECT_FALSE(globs_meet("gpt*", "o*"));
  EXPECT_FALSE(globs_meet("a", "ab"));
  EXPECT_FALSE(globs_meet("*a", "*b"));
  EXPECT_FALSE(globs_meet("a*", ""));
}

}  // namespace
}  // namespace app::rewrite
