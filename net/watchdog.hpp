#pragma once

// The sliding limit of a stream: one timer per session however many events pass. Every sign of life only moves a time
// point; the timer re-arms itself when it finds that point moved, and early only when a shorter limit begins.

#include <chrono>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace net {

class watchdog {
 public:
  using clock = std::chrono::steady_clock;

  /// All calls are made on `executor`.
  explicit watchdog(boost::asio::any_io_executor executor) : timer_(std::move(executor)) {}

  /// A sign of life at `now`; the next one is due within `limit`.
  void expect(clock::duration limit, clock::time_point now);

  /// Ends expired() early.
  void stop();

  /// True when a limit has passed, false after stop() or cancellation. One wait at a time.
  boost::asio::awaitable<bool> expired();

 private:
  boost::asio::steady_timer timer_;
  clock::time_point due_ = clock::time_point::max();
  bool stopped_ = false;
};

}  // namespace net
