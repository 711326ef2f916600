#include "cascade/supervisor/supervisor_condition.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cascade {

namespace {

// Stays in the list while its coroutine waits, and leaves it if the coroutine is destroyed.
class listed {
 public:
  listed(std::list<asio::steady_timer*>& list, asio::steady_timer& timer)
      : list_(list), at_(list.insert(list.end(), &timer)) {}
  ~listed() { list_.erase(at_); }
  listed(const listed&) = delete;
  listed& operator=(const listed&) = delete;

 private:
  std::list<asio::steady_timer*>& list_;
  std::list<asio::steady_timer*>::iterator at_;
};

}  // namespace

asio::awaitable<bool> supervisor_condition::until(std::function<bool()> holds, net::deadline limit) {
  asio::steady_timer timer(strand_);
  const listed here(waiting_, timer);
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= limit) co_return false;
    timer.expires_at(limit);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return holds();
  }
  co_return true;
}

void supervisor_condition::notify() {
  for (auto* timer : waiting_) timer->cancel();
}

}  // namespace cascade
