#pragma once

// A checked JSON text laid out with a line for each value, for people and for comparing. Every value stays as it is
// spelled.

#include <string>
#include <string_view>

namespace app::rewrite {

std::string json_lines(std::string_view json);

}  // namespace app::rewrite
