#pragma once

// Writes JSON into a caller's buffer. Beyond what JSON requires, it escapes the characters that some clients take for
// line ends (U+0085, U+2028, U+2029), since frames are lines. Bytes that are not UTF-8 become U+FFFD.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace app {

/// `text` with its quotes.
void append_json(std::string& out, std::string_view text);
/// `text` without quotes. Several pieces can make one string, if each holds whole characters.
void append_escaped(std::string& out, std::string_view text);
void append_json_or_null(std::string& out, const std::optional<std::string>& text);
void append_number(std::string& out, std::uint64_t number);
/// {"key":"value",…}
void append_pairs(std::string& out, const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace app
