#include "usage/limits/window_builder.hpp"

#include <algorithm>
#include <utility>

#include "net/text/ascii.hpp"
#include "usage/limits/limit_values.hpp"

namespace usage {
namespace {

constexpr std::int64_t most_used = 1000 * whole_window;
constexpr std::int64_t most_minutes = 10 * 366 * 24 * 60;

/// A space may stand within a name, not at its end.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > limit_window::max_name || name.back() == ' ') return false;
  return std::ranges::all_of(name, [](char c) {
    return net::text::is_digit(c) || net::text::is_lower(c) || c == '-' || c == '_' || c == '.' || c == ' ';
  });
}

void set(std::optional<std::int64_t>& member, std::optional<std::int64_t> value, std::int64_t most) {
  if (!member && value && *value <= most) member = value;
}

void add_words(limit_window& window, std::string_view before, std::string_view value) {
  const bool printable = std::ranges::all_of(value, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
  std::string& status = window.status;
  const std::size_t length = before.size() + value.size() + (status.empty() ? 0 : 2);
  if (!printable || before.size() + value.size() == 0 || status.size() + length > limit_window::max_status) return;
  if (!status.empty()) status += ", ";
  status.append(before).append(value);
}

/// Told of a limit that the account does not have.
bool is_nothing(const limit_window& window) {
  const bool shares = !window.limit && !window.left && window.status.empty() && !window.reset;
  return shares && window.used.value_or(0) == 0 && window.minutes.value_or(0) == 0;
}

}  // namespace

void set_member(limit_window& window, limit_member what, std::string_view value, std::string_view before,
                std::int64_t now) {
  switch (what) {
    case limit_member::fraction:
      return set(window.used, read_decimal(value, 5), most_used);
    case limit_member::percent:
      return set(window.used, read_decimal(value, 3), most_used);
    case limit_member::percent_left:
      if (const auto left = read_decimal(value, 3); left && *left <= whole_window)
        set(window.used, whole_window - *left, whole_window);
      return;
    case limit_member::limit:
      return set(window.limit, read_count(value), INT64_MAX);
    case limit_member::left:
      return set(window.left, read_count(value), INT64_MAX);
    case limit_member::reset:
      return set(window.reset, read_reset(value, now), INT64_MAX);
    case limit_member::moment:
      if (const auto at = read_moment(value, now)) window.reset = at;
      return;
    case limit_member::delay:
      if (const auto after = read_duration(value)) set(window.reset, now + *after, INT64_MAX);
      return;
    case limit_member::minutes:
      if (read_count(value).value_or(0) > 0) set(window.minutes, read_count(value), most_minutes);
      return;
    case limit_member::words:
      if (!value.empty()) add_words(window, before, value);
      return;
    case limit_member::presence:
      if (net::text::iequals(value, "true")) add_words(window, before, {});
      return;
    case limit_member::absence:
      if (net::text::iequals(value, "false")) add_words(window, before, {});
      return;
  }
}

limit_window* window_builder::find(std::string name, bool of_model) {
  if (!is_name(name)) return nullptr;
  const auto known = std::ranges::find(windows_, name, &limit_window::name);
  if (known != windows_.end()) return &*known;
  if (windows_.size() == most_) return nullptr;
  limit_window& made = windows_.emplace_back();
  made.name = std::move(name);
  made.of_model = of_model;
  return &made;
}

std::vector<limit_window> window_builder::take() && {
  std::erase_if(windows_, is_nothing);
  for (limit_window& each : windows_) {
    if (!each.minutes) each.minutes = minutes_of(each.name);
  }
  return std::move(windows_);
}

}  // namespace usage
