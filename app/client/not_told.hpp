#pragma once

#include <string_view>

namespace app {

/// In a cell of a table: nobody has reported it. Never 0.
inline constexpr std::string_view not_told = "–";

}  // namespace app
