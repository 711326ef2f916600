#pragma once

// JSON strings written straight into a caller's buffer. Beyond what JSON asks for, the characters that some clients
// take for line ends (U+0085, U+2028, U+2029) are escaped, since frames are lines; bytes that are not UTF-8 become
// U+FFFD.

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
/// `text` without quotes: several pieces can make one string, if none is cut inside a character.
void append_escaped(std::string& out, std::string_view text);
void append_json_or_null(std::string& out, const std::optional<std::string>& text);
void append_number(std::string& out, std::uint64_t number);
/// {"key":"value",…}
void append_pairs(std::string& out, const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace app
