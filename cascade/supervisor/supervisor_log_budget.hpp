#pragma once

// Limits how many lines of a server's output are passed on per second. Pure.

#include <chrono>
#include <cstddef>

namespace cascade {

class supervisor_log_budget {
 public:
  using clock = std::chrono::steady_clock;

  explicit supervisor_log_budget(std::size_t per_second) : per_second_(per_second), left_(per_second) {}

  bool allows(clock::time_point now) {
    if (now - began_ >= std::chrono::seconds(1)) {
      began_ = now;
      left_ = per_second_;
    }
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  std::size_t per_second_;
  std::size_t left_;
  clock::time_point began_{};
};

}  // namespace cascade
