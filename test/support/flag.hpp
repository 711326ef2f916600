#pragma once

// How a test waits for another thread.

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace test {

/// A value that one thread sets and others wait for.
class flag {
 public:
  void set() {
    std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  bool wait_for(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return set_; });
  }
  /// Fails a test, rather than hanging it, when something never happens.
  bool wait() { return wait_for(std::chrono::seconds(60)); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

}  // namespace test
