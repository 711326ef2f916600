#pragma once

// Wakes the one coroutine that waits for it; both run on one strand. A notify() without a waiter is kept.

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace net {

namespace asio = boost::asio;

class signal {
 public:
  explicit signal(asio::any_io_executor executor)
      : never_(std::move(executor), asio::steady_timer::time_point::max()) {}

  void notify() {
    notified_ = true;
    never_.cancel();
  }

  /// Returns once notified; throws system_error if the coroutine is cancelled.
  asio::awaitable<void> wait() {
    while (!std::exchange(notified_, false)) {
      co_await never_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

 private:
  asio::steady_timer never_;
  bool notified_ = false;
};

}  // namespace net
