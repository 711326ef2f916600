#pragma once

// Checks how large the parsed form of a JSON text would be: nesting, number of values, length of numbers. It takes one
// pass and allocates nothing. Use it for untrusted bodies, before parsing. It checks no syntax; the parser reports
// errors. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace app {

struct json_bounds {
  std::size_t depth = 128;
  std::size_t values = 250'000;  // members and elements
  std::size_t number = 1024;     // letters of one number
};

/// What exceeds the bounds, as a message for the client; nullopt if nothing does.
std::optional<std::string> excess_of(std::string_view json, const json_bounds& bounds);

}  // namespace app
