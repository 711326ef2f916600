#pragma once

// The clock of an open-loop schedule: a thread that does each thing at its time, whether or not the thing before it was
// answered. What is late stays due, so a stall shows in every value that it delayed.

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
  /// Returns when it is due next, in monotonic nanoseconds; 0: never again.
  virtual std::uint64_t on_due() = 0;
};

class write_schedule {
 public:
  write_schedule();
  ~write_schedule();

  /// From any thread; `due` in monotonic nanoseconds.
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
