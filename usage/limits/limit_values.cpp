#include "usage/limits/limit_values.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include "net/text/ascii.hpp"

namespace usage {
namespace {

using net::text::is_digit;

constexpr std::int64_t most_counted = 1'000'000'000'000'000;
constexpr std::int64_t most_before_point = 10'000'000'000'000;
constexpr std::int64_t ten_years = 3653ll * 24 * 3'600'000;  // ms
constexpr std::int64_t first_moment = 1'000'000'000;         // Unix seconds, of 2001; a smaller number is none
constexpr std::int64_t first_moment_ms = 100'000'000'000;    // a larger number is not in seconds

/// Takes the digits that `text` begins with.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

std::optional<std::int64_t> number_of(std::string_view digits, std::int64_t most) {
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  if (number > most) return std::nullopt;
  return number;
}

/// Takes a decimal number, times 10^places.
std::optional<std::int64_t> take_decimal(std::string_view& text, int places) {
  auto number = number_of(take_digits(text), most_before_point);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
  }
  for (int i = 0; number && i < places; ++i) {
    const auto at = static_cast<std::size_t>(i);
    number = *number * 10 + (at < fraction.size() ? fraction[at] - '0' : 0);
  }
  return number;
}

/// Takes a number of just so many digits, and the mark behind it, if there is to be one.
bool take_part(std::string_view& text, std::size_t digits, std::string_view mark, int& out) {
  if (text.size() < digits + mark.size() || text.substr(digits, mark.size()) != mark) return false;
  const auto number = text.substr(0, digits);
  if (!std::ranges::all_of(number, is_digit)) return false;
  out = 0;
  for (const char c : number) out = out * 10 + (c - '0');
  text.remove_prefix(digits + mark.size());
  return true;
}

/// "Z" or "+01:00", in minutes.
std::optional<int> read_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hours = 0, minutes = 0;
  if (!take_part(text, 2, ":", hours) || !take_part(text, 2, "", minutes) || !text.empty()) return std::nullopt;
  if (hours > 23 || minutes > 59) return std::nullopt;
  return sign * (hours * 60 + minutes);
}

std::optional<std::int64_t> read_date(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take_part(text, 4, "-", year) || !take_part(text, 2, "-", month) || !take_part(text, 2, "", day))
    return std::nullopt;
  if (!text.starts_with('T') && !text.starts_with('t') && !text.starts_with(' ')) return std::nullopt;
  text.remove_prefix(1);
  if (!take_part(text, 2, ":", hour) || !take_part(text, 2, ":", minute) || !take_part(text, 2, "", second))
    return std::nullopt;
  std::int64_t ms = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const auto fraction = take_digits(text);
    for (std::size_t i = 0; i < 3; ++i) ms = ms * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  }
  const auto offset = read_offset(text);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!offset || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + hour) * 60 + minute - *offset) * 60 + second) * 1000 + ms;
}

/// In nanoseconds; 0: no unit. "min" is not one of Go's, but some write it.
std::int64_t take_unit(std::string_view& text) {
  using unit = std::pair<std::string_view, std::int64_t>;
  constexpr std::array units{unit{"ns", 1},
                             unit{"us", 1000},
                             unit{"µs", 1000},
                             unit{"ms", 1'000'000},
                             unit{"s", 1'000'000'000},
                             unit{"min", 60'000'000'000},
                             unit{"m", 60'000'000'000},
                             unit{"h", 3'600'000'000'000},
                             unit{"d", 86'400'000'000'000}};
  for (const auto& [name, length] : units) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return length;
  }
  return 0;
}

}  // namespace

std::optional<std::int64_t> read_count(std::string_view text) {
  const auto digits = take_digits(text);
  return text.empty() ? number_of(digits, most_counted) : std::nullopt;
}

std::optional<std::int64_t> read_decimal(std::string_view text, int places) {
  const auto number = take_decimal(text, places);
  return text.empty() ? number : std::nullopt;
}

std::optional<std::int64_t> read_duration(std::string_view text) {
  if (const auto seconds = read_decimal(text, 3)) return *seconds <= ten_years ? seconds : std::nullopt;
  if (text.empty()) return std::nullopt;
  double ms = 0;
  while (!text.empty()) {
    const auto number = take_decimal(text, 3);
    if (!number) return std::nullopt;
    const std::int64_t unit = take_unit(text);
    if (unit == 0) return std::nullopt;
    ms += static_cast<double>(*number) * static_cast<double>(unit) / 1e9;
  }
  if (ms > static_cast<double>(ten_years)) return std::nullopt;
  return static_cast<std::int64_t>(ms + 0.5);
}

std::optional<std::int64_t> read_moment(std::string_view text, std::int64_t now) {
  std::optional<std::int64_t> at = read_decimal(text, 3);
  if (!at) {
    at = read_date(text);
  } else if (*at / 1000 >= first_moment_ms) {
    *at /= 1000;
  } else if (*at / 1000 < first_moment) {
    at.reset();
  }
  if (!at || *at < now - ten_years || *at > now + ten_years) return std::nullopt;
  return at;
}

std::optional<std::int64_t> read_reset(std::string_view text, std::int64_t now) {
  if (const auto at = read_moment(text, now)) return at;
  if (const auto number = read_decimal(text, 0); number && *number >= first_moment) return std::nullopt;
  const auto after = read_duration(text);
  if (!after) return std::nullopt;
  return now + *after;
}

}  // namespace usage
