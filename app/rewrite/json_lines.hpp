#pragma once

// Formats a checked JSON text with a line for each value, for people and for comparison. The spelling of values stays
// the same.

#include <string>
#include <string_view>

namespace app::rewrite {

std::string json_lines(std::string_view json);

}  // namespace app::rewrite
