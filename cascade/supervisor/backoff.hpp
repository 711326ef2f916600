#pragma once

// How long to wait before a failed server is started again: exponential, with full jitter, so that several services on
// one machine do not restart at the same time. Pure: lifetimes and random numbers are parameters. Used by the
// supervisor.

#include <chrono>
#include <functional>

namespace cascade {

struct backoff_limits {
  std::chrono::milliseconds first{1'000};  // the longest first wait; it doubles with every further failure
  std::chrono::milliseconds longest{60'000};
  std::chrono::milliseconds shortest{100};   // even if the random number is smaller
  std::chrono::milliseconds stable{60'000};  // a server that lived this long resets the count of failures
};

class backoff {
 public:
  /// `draw` gives numbers in [0, 1).
  backoff(backoff_limits limits, std::function<double()> draw);

  /// Call this when a server failed after it had been ready for `lived` (zero: never). Returns the wait before the next
  /// attempt.
  std::chrono::milliseconds failed(std::chrono::steady_clock::duration lived);

  /// Failures in a row, the last one included.
  unsigned failures() const noexcept { return failures_; }

 private:
  std::chrono::milliseconds ceiling() const;

  backoff_limits limits_;
  std::function<double()> draw_;
  unsigned failures_ = 0;
};

}  // namespace cascade
