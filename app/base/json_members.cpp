#include "app/base/json_members.hpp"

#include <algorithm>
#include <limits>

namespace app {
namespace {

namespace json = boost::json;
using int64_limits = std::numeric_limits<std::int64_t>;

std::int64_t nearest(double value) {
  // 2^63 is the smallest number that is too large.
  if (value >= 9223372036854775808.0) return int64_limits::max();
  if (value <= -9223372036854775808.0) return int64_limits::min();
  return value == value ? static_cast<std::int64_t>(value) : 0;
}

}  // namespace

std::string_view text_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::int64_t number_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  constexpr std::uint64_t most = int64_limits::max();
  if (value->is_uint64()) return static_cast<std::int64_t>(std::min(value->get_uint64(), most));
  return value->is_double() ? nearest(value->get_double()) : 0;
}

bool truth_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object& object_member(const json::object& object, std::string_view name) {
  static const json::object none;
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::array& array_member(const json::object& object, std::string_view name) {
  static const json::array none;
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::int64_t saturating_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? int64_limits::min() : int64_limits::max();
}

}  // namespace app
