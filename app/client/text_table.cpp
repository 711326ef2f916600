#include "app/client/text_table.hpp"

#include <algorithm>

#include "net/text/utf8.hpp"

namespace app {
namespace {

/// Columns that it takes on a terminal, near enough: characters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string cell_text(std::string_view whole) {
  std::string shown = net::utf8::printable(whole, max_cell);
  if (shown.size() < whole.size()) shown += "…";
  return shown;
}

std::string lined_up(const std::vector<std::vector<std::string>>& rows, bool (*is_figure)(std::size_t column)) {
  if (rows.empty()) return {};
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& cells : rows)
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], width_of(cells[i]));
  std::string out;
  for (const auto& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string space(widths[i] - width_of(cells[i]), ' ');
      if (i != 0) out += "  ";
      if (is_figure(i)) out += space;
      out += cells[i];
      if (!is_figure(i) && i + 1 < cells.size()) out += space;
    }
    out += '\n';
  }
  return out;
}

}  // namespace app
