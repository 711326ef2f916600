#pragma once

// What a JSON text would make a parser build, counted in one pass that allocates nothing: how deep it is nested, how
// many values it has, how long its numbers are. For bodies of strangers, before they are parsed. It judges no syntax:
// text that is no JSON is counted as if it were, and the parser says what is wrong. Pure.

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

/// What is beyond the bounds, in words for the client; nothing if all is within.
std::optional<std::string> excess_of(std::string_view json, const json_bounds& bounds);

}  // namespace app
