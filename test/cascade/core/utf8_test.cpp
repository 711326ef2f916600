#include "cascade/core/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cascade {
namespace {

using namespace std::string_literals;

TEST(utf8, a_text_cut_anywhere_keeps_its_whole_code_points) {
  const std::string text = "aü€🙂";
  const std::size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(whole_code_points(std::string_view(text).substr(0, cut)), expected[cut]) << cut;
  }
}

TEST(utf8, bytes_that_can_not_become_whole_are_not_held_back) {
  for (const auto& text : {"\x80"s, "a\x80\x80\x80\x80"s, "\xFF"s, "a\xC0"s}) {
    EXPECT_EQ(whole_code_points(text), text.size());
  }
}

TEST(utf8, only_well_formed_sequences_are_valid) {
  for (const auto& text : {""s, "a\0b"s, "ü"s, "€"s, "🙂"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xF4\x8F\xBF\xBF"s}) {
    EXPECT_TRUE(valid_utf8(text)) << text;
  }
  for (const auto& text : {"\x80"s, "\xC0\xAF"s, "\xC3"s, "\xC3("s, "\xE0\x80\xAF"s, "\xED\xA0\x80"s,
                           "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "ok\xE2\x82"s}) {
    EXPECT_FALSE(valid_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace cascade
