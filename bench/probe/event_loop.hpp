#pragma once

// A plain epoll loop for the ends and the yardstick of the interceptor bench: one thread, timers to the
// microsecond. It is not the executor of the program, so that what is measured does not measure itself.

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
    /// Something about the descriptor has changed: try everything.
    virtual void on_ready() = 0;
  };

  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Both directions, edge-triggered; ends with the descriptor.
  void watch(int descriptor, handler& of);
  /// Level-triggered: told as long as it is so. May be called again for another interest.
  void watch_level(int descriptor, handler& of, bool readable, bool writable);

  /// `due` in monotonic nanoseconds.
  void at(std::uint64_t due, std::function<void()> what);

  /// Destroyed once the events at hand are through, which may still name it.
  void retire(std::shared_ptr<void> what) { retired_.push_back(std::move(what)); }

  /// Until `done` is true or `due` has come (false).
  bool run(std::uint64_t due, const std::function<bool()>& done);
  void run_forever();

 private:
  struct timer {
    std::uint64_t due;
    std::uint64_t order;  // of those due together
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
