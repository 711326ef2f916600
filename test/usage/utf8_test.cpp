#include "usage/utf8.hpp"

#include <gtest/gtest.h>

namespace usage::utf8 {
namespace {

TEST(utf8, code_points_are_encoded_in_one_to_four_bytes) {
  EXPECT_EQ(std::string_view(encoded('a')), "a");
  EXPECT_EQ(std::string_view(encoded(0xe9)), "é");
  EXPECT_EQ(std::string_view(encoded(0x20ac)), "€");
  EXPECT_EQ(std::string_view(encoded(0x1f600)), "😀");
}

TEST(utf8, printable_text_stays_as_it_is) {
  EXPECT_EQ(printable("gemini é€😀", 100), "gemini é€😀");
}

TEST(utf8, what_is_no_text_becomes_question_marks) {
  EXPECT_EQ(printable(std::string_view("a\0b\x1b\x7f\n", 6), 100), "a?b???");
  EXPECT_EQ(printable("\x80\xc3x\xff\xc0\xaf", 100), "??x???");
  EXPECT_EQ(printable("\xed\xa0\x80", 100), "???") << "a surrogate";
  EXPECT_EQ(printable("\xf4\x90\x80\x80", 100), "????") << "above U+10FFFF";
}

TEST(utf8, the_limit_never_cuts_a_character) {
  EXPECT_EQ(printable("aé", 2), "a");
  EXPECT_EQ(printable("aé", 3), "aé");
  EXPECT_EQ(printable("", 0), "");
}

}  // namespace
}  // namespace usage::utf8
