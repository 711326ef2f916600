#pragma once

// The sliding limit of a stream: one timer per session however many events pass. Every sign of life only moves a time
// point; the timer re-arms itself when it finds that point moved, and early only when a shorter limit begins. It calls
// back instead of being awaited: a coroutine that mostly sleeps would cost every idle connection its frames.

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

namespace net {

class watchdog {
 public:
  using clock = std::chrono::steady_clock;

  /// All calls are made on `executor`, a strand; so is `on_expiry`, at most once, never after stop() or destruction.
  watchdog(boost::asio::any_io_executor executor, std::function<void()> on_expiry);
  ~watchdog() { stop(); }
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

  /// A sign of life at `now`; the next one is due within `limit`.
  void expect(clock::duration limit, clock::time_point now);

  void stop();

 private:
  struct state;
  static void arm(const std::shared_ptr<state>& watched);

  std::shared_ptr<state> state_;  // shared with the wait under way, which may come back after the watchdog has gone
};

}  // namespace net
