#pragma once

// How long to wait before a server that failed is started again: exponential, with full jitter, so that several
// services on one machine do not come back in step. Pure: the time a server lived and the random numbers are given.
// Driven by the supervisor.

#include <chrono>
#include <functional>

namespace cascade {

struct backoff_limits {
  std::chrono::milliseconds first{1'000};  // the longest first wait; it doubles with every further failure
  std::chrono::milliseconds longest{60'000};
  std::chrono::milliseconds shortest{100};   // whatever the dice say
  std::chrono::milliseconds stable{60'000};  // a server that lived this long has made up for earlier failures
};

class backoff {
 public:
  /// `draw` gives numbers in [0, 1).
  backoff(backoff_limits limits, std::function<double()> draw);

  /// A server failed after it had been ready for `lived`, zero if it never was. The wait before the next attempt.
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
