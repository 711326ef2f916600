#pragma once

// Tables of text for a terminal. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace app {

/// In a cell: nobody has reported it. Never 0.
inline constexpr std::string_view not_told = "–";

/// Bytes of a name in a cell; the rest is not shown.
inline constexpr std::size_t max_cell = 48;

/// A name from the wire: printable, and cut with an ellipsis.
std::string cell_text(std::string_view whole);

/// Columns two spaces apart, a line for each row. `is_figure`: the column is aligned to the right. All rows have as
/// many cells as the first.
std::string lined_up(const std::vector<std::vector<std::string>>& rows, bool (*is_figure)(std::size_t column));

}  // namespace app
