#include "cascade/supervisor/backoff.hpp"

#include <algorithm>
#include <utility>

namespace cascade {

using std::chrono::milliseconds;

backoff::backoff(backoff_limits limits, std::function<double()> draw) : limits_(limits), draw_(std::move(draw)) {}

milliseconds backoff::failed(std::chrono::steady_clock::duration lived) {
  if (lived >= limits_.stable) failures_ = 0;
  ++failures_;
  const auto wait = std::chrono::duration<double, std::milli>(ceiling()) * draw_();
  return std::max(limits_.shortest, std::chrono::duration_cast<milliseconds>(wait));
}

milliseconds backoff::ceiling() const {
  auto wait = limits_.first;
  // Compared before doubling, so that endless failures do not overflow.
  for (unsigned i = 1; i < failures_; ++i) {
    if (wait >= limits_.longest / 2) return limits_.longest;
    wait *= 2;
  }
  return std::min(wait, limits_.longest);
}

}  // namespace cascade
