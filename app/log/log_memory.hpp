#pragma once

// Remembers what was logged, so that it is logged only once: peers decide how often a thing happens. From any thread;
// the mutex guards both members and is held for a look-up.

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

namespace app {

class log_memory {
 public:
  static constexpr std::size_t max_remembered = 1024;  // the oldest are forgotten first

  /// True the first time.
  bool first(std::string what) {
    std::lock_guard lock(mutex_);
    if (!said_.insert(what).second) return false;
    order_.push_back(std::move(what));
    if (order_.size() > max_remembered) {
      said_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::unordered_set<std::string> said_;
  std::deque<std::string> order_;
};

}  // namespace app
