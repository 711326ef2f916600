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
#include "app/client/text_table.hpp"

namespace app {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 8> limit_headings{"HOST", "ACCOUNT",   "WINDOW", "USED",
                                                         "LEFT", "RESETS IN", "SEEN",   "STATUS"};
using limit_row = std::vector<std::string>;  // a cell for each heading

constexpr bool is_figure(std::size_t column) {
  return column >= 3 && column <= 6;
}

std::string cell_of(std::string_view whole) {
  return whole.empty() ? std::string(not_told) : cell_text(whole);
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

}  // namespace

std::string limits_table(const boost::json::object& document, std::int64_t now) {
  std::vector<limit_row> rows;
  for (const json::value& each : array_member(document, "data"))
    if (each.is_object()) rows.push_back(limit_row_of(each.get_object(), now));
  if (rows.empty()) return "No provider has told of a limit.\n";
  std::ranges::sort(rows);
  rows.emplace(rows.begin(), limit_headings.begin(), limit_headings.end());
  return lined_up(rows, is_figure);
}

}  // namespace app
