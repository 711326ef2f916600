#pragma once

// An open-loop schedule: a thread that does each task at its time, whether or not the previous one was answered. A late
// task remains due, so a stall shows in every value that it has delayed.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

namespace bench {

class scheduled {
 public:
  virtual ~scheduled() = default;
  /// Returns when the task is due next, in monotonic nanoseconds; 0: never again.
  virtual std::uint64_t on_due() = 0;
};

class write_schedule {
 public:
  write_schedule();
  ~write_schedule();

  /// Callable from any thread. `due` is in monotonic nanoseconds.
  void add(std::uint64_t due, std::shared_ptr<scheduled> what);

 private:
  struct entry {
    std::uint64_t due;
    std::shared_ptr<scheduled> what;
    bool operator<(const entry& other) const { return due > other.due; }
  };

  void run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::priority_queue<entry> waiting_;
  std::jthread thread_;
};

}  // namespace bench
