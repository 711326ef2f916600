#include "app/base/json_bounds.hpp"

#include <algorithm>

namespace app {
namespace {

/// The end of the string whose opening quote is just before `at`.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  for (;;) {
    at = json.find_first_of("\"\\", at);
    if (at == std::string_view::npos) return json.size();
    if (json[at] == '"') return at + 1;
    at = std::min(at + 2, json.size());
  }
}

bool in_number(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

std::string sentence(std::string_view what, std::size_t most, std::string_view unit) {
  return std::string(what) + std::to_string(most) + std::string(unit);
}

}  // namespace

std::optional<std::string> excess_of(std::string_view json, const json_bounds& bounds) {
  std::size_t depth = 0;
  std::size_t values = 1;
  std::size_t number = 0;
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i++];
    number = in_number(c) ? number + 1 : 0;
    if (c == '"') {
      i = end_of_string(json, i);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++values;
    } else if (c == '}' || c == ']') {
      depth -= depth > 0 ? 1 : 0;
    } else if (c == ',') {
      ++values;
    }
    if (depth > bounds.depth) return sentence("The body has JSON nested deeper than ", bounds.depth, " levels.");
    if (values > bounds.values) return sentence("The body has more than ", bounds.values, " JSON values.");
    if (number > bounds.number) return sentence("The body has a number of more than ", bounds.number, " digits.");
  }
  return std::nullopt;
}

}  // namespace app
