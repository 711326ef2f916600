#pragma once

// Numbers of JSON texts and headers as integers, without a detour over binary fractions where money is counted. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace net::text {

/// A larger count is not believed. Sums of believed counts fit 64 bits.
inline constexpr std::int64_t max_count = 1ll << 60;

/// A count of something: whole, not negative, at most max_count. "12", "12.0" and "1.2e1" are the same.
std::optional<std::int64_t> parse_count(std::string_view text);

/// A decimal number times 10^places, the rest rounded to the nearest: parse_decimal("0.00153", 9) is 1530000. nullopt:
/// no number, negative, or larger than max_count.
std::optional<std::int64_t> parse_decimal(std::string_view text, int places);

/// "6853.667s" or "5" → milliseconds. nullopt for a date, more than a year, or anything else.
std::optional<std::int64_t> parse_seconds(std::string_view text);

}  // namespace net::text
