#include "net/text/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace net::utf8 {
namespace {

using namespace std::string_literals;

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

TEST(utf8, what_drives_a_terminal_or_turns_the_text_around_is_not_printable) {
  EXPECT_EQ(printable("a\xc2\x9b"
                      "b\u202e\u200f\u2066\U000e0041",
                      100),
            "a?b????");
  for (const std::uint32_t point :
       {0u, 0x1bu, 0x7fu, 0x80u, 0x9fu, 0x61cu, 0x2028u, 0x202au, 0x202eu, 0x2069u, 0xe007fu})
    EXPECT_TRUE(is_control(point)) << point;
  for (const std::uint32_t point : {0x20u, 0x7eu, 0xa0u, 0xe9u, 0x200du, 0x20acu, 0x1f600u})
    EXPECT_FALSE(is_control(point)) << point;
}

TEST(utf8, only_well_formed_sequences_are_valid) {
  for (const auto& text :
       {""s, "a\0b"s, "\x1b"s, "ü"s, "€"s, "🙂"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xF4\x8F\xBF\xBF"s}) {
    EXPECT_TRUE(is_valid(text)) << text;
  }
  for (const auto& text : {"\x80"s, "\xff"s, "\xC0\xAF"s, "\xC3"s, "\xC3("s, "\xE0\x80\xAF"s, "\xED\xA0\x80"s,
                           "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "ok\xE2\x82"s}) {
    EXPECT_FALSE(is_valid(text)) << text;
  }
}

TEST(utf8, a_text_cut_anywhere_keeps_its_whole_characters) {
  const std::string text = "aü€🙂";
  const std::size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(whole_characters(std::string_view(text).substr(0, cut)), expected[cut]) << cut;
  }
}

TEST(utf8, bytes_that_can_not_become_whole_are_not_held_back) {
  for (const auto& text : {"\x80"s, "a\x80\x80\x80\x80"s, "\xFF"s, "a\xC0"s}) {
    EXPECT_EQ(whole_characters(text), text.size());
  }
}

TEST(utf8, a_text_is_shortened_to_whole_characters) {
  EXPECT_EQ(shortened("aé", 2), "a");
  EXPECT_EQ(shortened("aé", 3), "aé");
  EXPECT_EQ(shortened("\xff", 3), "\xef\xbf\xbd");
}

TEST(utf8, a_character_is_decoded_to_what_it_was_encoded_from) {
  for (const std::uint32_t point : {0x41u, 0x7ffu, 0x800u, 0xffffu, 0x10000u, 0x10ffffu})
    EXPECT_EQ(code_point(encoded(point)), point);
}

TEST(utf8, the_limit_never_cuts_a_character) {
  EXPECT_EQ(printable("aé", 2), "a");
  EXPECT_EQ(printable("aé", 3), "aé");
  EXPECT_EQ(printable("", 0), "");
}

}  // namespace
}  // namespace net::utf8
