#include "cascade/core/text_patch.hpp"

#include <gtest/gtest.h>

namespace cascade {
namespace {

using verdict = text_patch::verdict;

void expect(text_patch& patch, std::string_view text, verdict what, std::string_view said) {
  const auto change = patch.update(text);
  EXPECT_EQ(change.what, what) << text;
  EXPECT_EQ(change.text, said) << text;
}

TEST(text_patch, a_longer_text_says_only_what_is_new) {
  text_patch patch;
  expect(patch, "Hel", verdict::extended, "Hel");
  expect(patch, "Hello", verdict::extended, "lo");
  expect(patch, "Hello", verdict::same, "");
}

TEST(text_patch, a_text_that_no_longer_begins_alike_is_said_anew) {
  text_patch patch;
  patch.update("Hello");
  expect(patch, "Hallo there", verdict::rewritten, "Hallo there");
  expect(patch, "Hallo there.", verdict::extended, ".");
}

TEST(text_patch, a_text_that_was_cut_or_taken_back_is_rewritten) {
  text_patch patch;
  patch.update("Hello");
  expect(patch, "Hell", verdict::rewritten, "Hell");
  expect(patch, "", verdict::rewritten, "");
  expect(patch, "", verdict::same, "");
}

TEST(text_patch, a_code_point_cut_in_two_is_said_once_it_is_whole) {
  text_patch patch;
  expect(patch, "a\xF0\x9F", verdict::extended, "a");
  expect(patch, "a\xF0\x9F\x99", verdict::same, "");
  expect(patch, "a🙂", verdict::extended, "🙂");
}

}  // namespace
}  // namespace cascade
