#pragma once

// What a provider tells of a limit: how much of it is used, what is left, and when it is whole again. Made by the
// readers of this room; the ledger keeps the latest of each account and window, and how it changed. A member that was
// not told, or not understood, is not set.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usage {

/// All of a window, in thousandths of a percent.
inline constexpr std::int64_t whole_window = 100'000;

struct limit_window {
  static constexpr std::size_t max_name = 48;    // bytes; a longer one is no window
  static constexpr std::size_t max_status = 96;  // bytes; what would make it longer is left out

  std::string name = {};                     // "5h", "requests", "codex primary"; lower case, printable
  bool of_model = false;                     // the limit of one model, not of the account
  std::optional<std::int64_t> used = {};     // thousandths of a percent; may be above 100 %
  std::optional<std::int64_t> limit = {};    // requests, tokens …, as the name says
  std::optional<std::int64_t> left = {};     // of `limit`
  std::optional<std::int64_t> reset = {};    // Unix ms
  std::optional<std::int64_t> minutes = {};  // its length
  std::string status = {};                   // the provider's words, as "allowed" and "by five_hour", ", " between

  bool operator==(const limit_window&) const = default;
};

/// Whether `later` tells nothing new but the time that has passed. A reset that moves is new only where it shows that
/// another window has begun: it moved by a tenth of the window's length, which is an hour or more. Other windows roll.
bool tells_the_same(const limit_window& before, const limit_window& later);

/// What is used: as told, or of the limit what is not left. Thousandths of a percent.
std::optional<std::int64_t> used_of(const limit_window& window);

/// The length that a name tells ("5h", "7d_opus", "tokens-minute"), in minutes.
std::optional<std::int64_t> minutes_of(std::string_view name);

}  // namespace usage
