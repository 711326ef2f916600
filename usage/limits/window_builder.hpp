#pragma once

// Collects the members of limits as they are read, window by window. What a member says is kept if it can be
// understood, and else left out.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "usage/limits/limit_window.hpp"

namespace usage {

/// What a value says of its window.
enum class limit_member : std::uint8_t {
  fraction,      // used, of 1
  percent,       // used, of 100
  percent_left,  // not used, of 100
  limit,
  left,
  reset,     // a moment or a duration from now
  moment,    // of the reset
  delay,     // until the reset, which is less exact than the moment
  minutes,   // its length
  words,     // a part of the status
  presence,  // "true" is said by the words alone
  absence,   // "false" is
};

/// The first value of a member counts. `before`: words before the value in the status.
void set_member(limit_window& window, limit_member what, std::string_view value, std::string_view before,
                std::int64_t now);

class window_builder {
 public:
  explicit window_builder(std::size_t most) : most_(most) {}

  /// The window of that name, a new one if there is none yet; null if the name is none, or there are too many.
  limit_window* find(std::string name, bool of_model);

  /// Those of which something is known, in the order of their first member.
  std::vector<limit_window> take() &&;

 private:
  std::size_t most_;
  std::vector<limit_window> windows_;
};

}  // namespace usage
