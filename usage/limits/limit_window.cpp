#include "usage/limits/limit_window.hpp"

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "net/text/ascii.hpp"

namespace usage {
namespace {

constexpr std::int64_t hour = 60;  // minutes
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t most_divided = INT64_MAX / whole_window;

bool is_another_window(const limit_window& before, const limit_window& later) {
  if (!later.minutes || *later.minutes < hour || !before.reset || !later.reset) return false;
  return std::abs(*later.reset - *before.reset) > *later.minutes * minute_ms / 10;
}

}  // namespace

bool tells_the_same(const limit_window& before, const limit_window& later) {
  return before.used == later.used && before.limit == later.limit && before.left == later.left &&
         before.minutes == later.minutes && before.status == later.status && !is_another_window(before, later);
}

std::optional<std::int64_t> used_of(const limit_window& window) {
  if (window.used) return window.used;
  if (!window.limit || !window.left || *window.limit <= 0 || *window.limit > most_divided) return std::nullopt;
  if (*window.left > *window.limit) return std::nullopt;
  return (*window.limit - *window.left) * whole_window / *window.limit;
}

std::optional<std::int64_t> minutes_of(std::string_view name) {
  using length = std::pair<std::string_view, std::int64_t>;
  constexpr std::array lengths{length{"-minute", 1}, length{"-hour", hour}, length{"-day", 24 * hour}};
  for (const auto& [suffix, minutes] : lengths) {
    if (name.ends_with(suffix)) return minutes;
  }
  std::size_t digits = 0;
  std::int64_t number = 0;
  for (; digits < name.size() && digits < 4 && net::text::is_digit(name[digits]); ++digits)
    number = number * 10 + (name[digits] - '0');
  if (number == 0 || digits == name.size()) return std::nullopt;
  if (digits + 1 < name.size() && net::text::is_alphanumeric(name[digits + 1])) return std::nullopt;
  switch (name[digits]) {
    case 'm':
      return number;
    case 'h':
      return number * hour;
    case 'd':
      return number * 24 * hour;
    default:
      return std::nullopt;
  }
}

}  // namespace usage
