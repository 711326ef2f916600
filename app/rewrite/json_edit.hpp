#pragma once

// Changes a checked JSON text (is_json) at one place; all other bytes stay the same. Every function returns whether
// something changed, and does not change the text if it fails.

#include <cstdint>
#include <string>
#include <string_view>

#include "app/rewrite/json_document.hpp"

namespace app::rewrite {

enum class edited : bool { no, yes };

/// Replaces the value, or adds the member or ("-") element. `json` is a checked value. Errors: missing (the container),
/// ambiguous, wrong_type.
result<edited> set_value(std::string& text, const json_pointer& pointer, std::string_view json);

/// An absent value is no change. Errors: ambiguous, wrong_type.
result<edited> remove_value(std::string& text, const json_pointer& pointer);

enum class edge : std::uint8_t { front, back };

/// Adds an element to an array, or text to a string if `json` is one. Errors: missing, ambiguous, wrong_type.
result<edited> extend_value(std::string& text, const json_pointer& pointer, edge where, std::string_view json);

}  // namespace app::rewrite
