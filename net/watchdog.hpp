#pragma once

// The idle limit of a stream, with one timer per session however many events pass. Activity only moves a time point;
// the timer re-arms when it fires and finds the point moved, and early only when a shorter limit begins. It uses a
// callback, because a coroutine that mostly sleeps would cost every idle connection its frames.

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

namespace net {

class watchdog {
 public:
  using clock = std::chrono::steady_clock;

  /// Every call, and `on_expiry`, runs on `executor`, a strand. `on_expiry` is called at most once, and never after
  /// stop() or destruction.
  watchdog(boost::asio::any_io_executor executor, std::function<void()> on_expiry);
  ~watchdog() { stop(); }
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

  /// Notes activity at `now`; the next must follow within `limit`.
  void expect(clock::duration limit, clock::time_point now);

  void stop();

 private:
  struct state;
  static void arm(const std::shared_ptr<state>& watched);

  std::shared_ptr<state> state_;  // shared with the pending wait, which may return after the watchdog has gone
};

}  // namespace net
