#include "app/client/limits_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "app/base/json_members.hpp"
#include "app/client/not_told.hpp"
#include "net/text/utf8.hpp"

namespace app {
namespace {

namespace json = boost::json;

constexpr std::size_t max_cell = 48;  // bytes of a cell; the rest is not shown

constexpr std::array<std::string_view, 8> limit_headings{"HOST", "ACCOUNT",   "WINDOW", "USED",
                                                         "LEFT", "RESETS IN", "SEEN",   "STATUS"};
using limit_row = std::array<std::string, limit_headings.size()>;

constexpr bool is_figure(std::size_t column) {
  return column >= 3 && column <= 6;
}

std::string cell_of(std::string_view whole) {
  if (whole.empty()) return std::string(not_told);
  std::string name = net::utf8::printable(whole, max_cell);
  if (name.size() < whole.size()) name += "…";
  return name;
}

bool has_number(const json::object& entry, std::string_view member) {
  const json::value* value = entry.if_contains(member);
  return value && value->is_number();
}

/// "3 d 4 h", "2 h 5 min", "7 min", "42 s": the two largest units.
std::string time_words(std::int64_t seconds) {
  const std::int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  const auto pair = [](std::int64_t large, const char* one, std::int64_t small, const char* other) {
    return std::to_string(large) + one + (small == 0 ? "" : " " + std::to_string(small) + other);
  };
  if (days > 0) return pair(days, " d", hours % 24, " h");
  if (hours > 0) return pair(hours, " h", minutes % 60, " min");
  if (minutes > 0) return std::to_string(minutes) + " min";
  return std::to_string(seconds) + " s";
}

std::string used_part(const json::object& entry) {
  if (!has_number(entry, "used_percent")) return std::string(not_told);
  // To be read, and so never more than is used: 99.96 % is not 100 %.
  const double percent = std::floor(entry.at("used_percent").to_number<double>() * 10) / 10;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", percent);
  return text.data();
}

std::string left_part(const json::object& entry) {
  const auto number = [&](std::string_view member) {
    return has_number(entry, member) ? std::to_string(number_member(entry, member)) : std::string(not_told);
  };
  if (!has_number(entry, "limit")) return number("remaining");
  return number("remaining") + " of " + number("limit");
}

std::string resets_in(const json::object& entry, std::int64_t now) {
  if (!has_number(entry, "resets_at")) return std::string(not_told);
  const std::int64_t at = number_member(entry, "resets_at");
  if (truth_member(entry, "expired") || at <= now) return "passed";
  return time_words(at - now);
}

std::string window_of(const json::object& entry) {
  const auto model = text_member(entry, "model");
  return cell_of(text_member(entry, "window")) + (model.empty() ? std::string() : " of " + cell_of(model));
}

limit_row limit_row_of(const json::object& entry, std::int64_t now) {
  const std::int64_t seen = std::max<std::int64_t>(0, now - number_member(entry, "seen_at"));
  return {cell_of(text_member(entry, "host")),
          cell_of(text_member(entry, "account")),
          window_of(entry),
          used_part(entry),
          left_part(entry),
          resets_in(entry, now),
          time_words(seen) + " ago",
          cell_of(text_member(entry, "status"))};
}

/// Columns that it takes on a terminal, near enough: characters, not bytes.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string lined_up(const std::vector<limit_row>& rows) {
  std::array<std::size_t, limit_headings.size()> widths{};
  for (const limit_row& cells : rows)
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], characters(cells[i]));
  std::string out;
  for (const limit_row& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string space(widths[i] - characters(cells[i]), ' ');
      if (i != 0) out += "  ";
      if (is_figure(i)) out += space;
      out += cells[i];
      if (!is_figure(i) && i + 1 < cells.size()) out += space;
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string limits_table(const boost::json::object& document, std::int64_t now) {
  limit_row heading;
  std::ranges::copy(limit_headings, heading.begin());
  std::vector<limit_row> rows;
  for (const json::value& each : array_member(document, "data"))
    if (each.is_object()) rows.push_back(limit_row_of(each.get_object(), now));
  if (rows.empty()) return "No provider has told of a limit.\n";
  std::ranges::sort(rows);
  rows.insert(rows.begin(), heading);
  return lined_up(rows);
}

}  // namespace app
