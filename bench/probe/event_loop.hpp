#pragma once

// A plain epoll loop for the ends and the yardstick of the interceptor bench, with one thread and timers that are exact
// to a microsecond. It is not the program's executor, so that the program is not measured with its own code.

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <vector>

namespace bench {

class event_loop {
 public:
  class handler {
   public:
    virtual ~handler() = default;
    /// The descriptor is ready for something, so try everything.
    virtual void on_ready() = 0;
  };

  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Watches both directions, edge-triggered, until the descriptor is closed.
  void watch(int descriptor, handler& of);
  /// Watches level-triggered: reports as long as the descriptor is ready. Call it again to change the interest.
  void watch_level(int descriptor, handler& of, bool readable, bool writable);

  /// `due` in monotonic nanoseconds.
  void at(std::uint64_t due, std::function<void()> what);

  /// Destroyed once the events at hand are through, which may still name it.
  void retire(std::shared_ptr<void> what) { retired_.push_back(std::move(what)); }

  /// Runs until `done` is true, or until `due` (false).
  bool run(std::uint64_t due, const std::function<bool()>& done);
  void run_forever();

 private:
  struct timer {
    std::uint64_t due;
    std::uint64_t order;  // decides between timers that are due together
    std::function<void()> what;
    bool operator<(const timer& other) const { return due != other.due ? due > other.due : order > other.order; }
  };

  void turn(std::uint64_t until);
  void fire_timers();

  int epoll_ = -1;
  std::uint64_t order_ = 0;
  std::priority_queue<timer> timers_;
  std::vector<std::shared_ptr<void>> retired_;
};

}  // namespace bench
