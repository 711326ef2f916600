#include "net/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace net {

namespace asio = boost::asio;

void watchdog::expect(clock::duration limit, clock::time_point now) {
  due_ = now + limit;
  if (due_ < timer_.expiry()) timer_.cancel();
}

void watchdog::stop() {
  stopped_ = true;
  timer_.cancel();
}

asio::awaitable<bool> watchdog::expired() {
  for (;;) {
    if (stopped_) co_return false;
    if (clock::now() >= due_) co_return true;
    timer_.expires_at(due_);
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return false;
  }
}

}  // namespace net
