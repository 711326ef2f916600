#pragma once

// The numbers and times of limits as providers write them. Each function takes the whole text or none of it: nullopt
// where it is anything else, or too large to be true.

#include <cstdint>
#include <optional>
#include <string_view>

namespace usage {

/// "42": up to 10^15.
std::optional<std::int64_t> read_count(std::string_view text);

/// "0.0234" times 10^`places`, cut off after that. Up to 10^12 before the point, which is more than Unix ms.
std::optional<std::int64_t> read_decimal(std::string_view text, int places);

/// "6m0s", "1d2h", "7.66s", "20ms", and seconds where no unit is told; up to ten years. Milliseconds.
std::optional<std::int64_t> read_duration(std::string_view text);

/// "2026-01-31T12:00:00Z" (RFC 3339), or Unix seconds or milliseconds. Unix ms, within ten years of `now` (Unix ms).
std::optional<std::int64_t> read_moment(std::string_view text, std::int64_t now);

/// A moment or, if the number is too small for one, a duration from `now` on. Unix ms.
std::optional<std::int64_t> read_reset(std::string_view text, std::int64_t now);

}  // namespace usage
