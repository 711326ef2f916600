#include "app/base/terminal_text.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace app {
namespace {

struct shown_text {
  std::string_view text;
  std::string_view shown;
};

class terminal_words : public testing::TestWithParam<shown_text> {};

TEST_P(terminal_words, shows_what_would_drive_the_terminal) {
  EXPECT_EQ(one_line(GetParam().text), GetParam().shown);
}

using namespace std::string_view_literals;

INSTANTIATE_TEST_SUITE_P(
    vectors, terminal_words,
    testing::Values(shown_text{"", ""}, shown_text{"plain é € 😀", "plain é € 😀"},
                    shown_text{"\x1b]0;pwned\x07\x1b[2J", "\\u001b]0;pwned\\u0007\\u001b[2J"},
                    shown_text{"a\0b"sv, "a\\u0000b"},
                    shown_text{"two\nlines\r\tand a tab", "two\\u000alines\\u000d\\u0009and a tab"},
                    shown_text{"\x7f", "\\u007f"},
                    shown_text{"\xc2\x9b"
                               "31m",
                               "\\u009b31m"},
                    shown_text{"\u202eexe.txt\u202c", "\\u202eexe.txt\\u202c"},
                    shown_text{"\u2066a\u2069", "\\u2066a\\u2069"}, shown_text{"\u200f\u061c", "\\u200f\\u061c"},
                    shown_text{"\u2028", "\\u2028"}, shown_text{"\U000e0041", "\\udb40\\udc41"},
                    shown_text{"\x9b"
                               "31m",
                               "\uFFFD31m"},
                    shown_text{"\xc3", "\uFFFD"}, shown_text{"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
                    shown_text{"\xc0\x9b", "\uFFFD\uFFFD"}));

TEST(terminal_text_length, a_long_title_is_cut_between_characters) {
  EXPECT_EQ(one_line("aaé", 3), "aa…");
  EXPECT_EQ(one_line("aaé", 4), "aaé");
  EXPECT_EQ(one_line(std::string(1'000'000, '\x1b'), 13), "\\u001b\\u001b…");
}

TEST(flowing_text, keeps_the_lines_and_tabs_of_a_model_and_nothing_else) {
  EXPECT_EQ(flowing_text("one\r\n\ttwo\n"), "one\n\ttwo\n");
  EXPECT_EQ(flowing_text("safe\rEVIL \x1b[1A"), "safe\\u000dEVIL \\u001b[1A");
  EXPECT_EQ(flowing_text("\r\n\r"), "\n\\u000d");
}

TEST(flowing_text, leaves_a_json_text_the_value_that_it_was) {
  const std::string text = "{\"a\":\"\x7f\u202e\xc2\x9b\U000e0041\"}";
  EXPECT_EQ(boost::json::parse(flowing_text(text)), boost::json::parse(text));
  EXPECT_EQ(flowing_text(text).find('\x7f'), std::string::npos);
}

}  // namespace
}  // namespace app
