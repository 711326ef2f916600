#pragma once

// Makes untrusted text safe for a terminal or a log. Characters that control the terminal (C0, DEL, C1), reverse the
// text around them (bidirectional marks, UAX #9) or are invisible become \uXXXX; bytes that are not UTF-8 become
// U+FFFD. Pure.

#include <cstddef>
#include <string>
#include <string_view>

namespace app {

inline constexpr std::size_t longest_title = 400;  // bytes of a name or title that are shown

/// Appends the first character of `text`, which is not empty, and returns how many bytes it took.
std::size_t append_visible(std::string& out, std::string_view text);

/// For names, titles and messages: one line, with an ellipsis if it is longer than `most` bytes.
std::string one_line(std::string_view text, std::size_t most = longest_title);

/// For the words of a model: keeps line ends and tabs.
std::string flowing_text(std::string_view text);

}  // namespace app
