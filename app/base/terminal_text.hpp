#pragma once

// Words of others as a terminal or a log may show them. What would drive the terminal (C0, DEL, C1), turn the text
// around it (bidirectional marks, UAX #9) or hide in it is written as \uXXXX, and what is not UTF-8 as U+FFFD; all else
// stays. Pure.

#include <cstddef>
#include <string>
#include <string_view>

namespace app {

inline constexpr std::size_t longest_title = 400;  // bytes of a name or title that are shown

/// Appends the first character of `text`, which is not empty, and returns how many bytes it took.
std::size_t append_visible(std::string& out, std::string_view text);

/// A name, a title, a message: one line, however many it was, with an ellipsis where it is longer than `most` bytes.
std::string one_line(std::string_view text, std::size_t most = longest_title);

/// What a model writes: its lines and tabs stay.
std::string flowing_text(std::string_view text);

}  // namespace app
