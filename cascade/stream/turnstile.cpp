#include "cascade/stream/turnstile.hpp"

#include <algorithm>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/text/error_category.hpp"

namespace cascade {

const boost::system::error_category& turnstile_category() noexcept {
  static const net::text::error_category<turnstile_errc> instance(
      "turnstile", [](turnstile_errc) { return std::string("too many turns wait already"); });
  return instance;
}

struct turnstile::waiter {
  explicit waiter(asio::any_io_executor executor, net::deadline limit) : timer(executor, limit) {}
  asio::steady_timer timer;  // on its coroutine's strand
  bool let_in = false;
};

asio::awaitable<net::result<turnstile::place>> turnstile::enter(net::deadline limit) {
  std::shared_ptr<waiter> self;
  const auto executor = co_await asio::this_coro::executor;
  {
    std::lock_guard lock(mutex_);
    if (free_ > 0) {
      --free_;
      co_return place(*this);
    }
    if (queue_.size() >= may_wait_) co_return turnstile_errc::full;
    self = queue_.emplace_back(std::make_shared<waiter>(executor, limit));
  }
  const auto [woken] = co_await self->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!forget(self)) co_return place(*this);
  if (woken) co_return woken;  // the coroutine was cancelled
  co_return make_error_code(asio::error::timed_out);
}

std::size_t turnstile::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

std::size_t turnstile::free() const {
  std::lock_guard lock(mutex_);
  return free_;
}

/// False if it was let in and so owns a place.
bool turnstile::forget(const std::shared_ptr<waiter>& one) {
  std::lock_guard lock(mutex_);
  if (one->let_in) return false;
  std::erase(queue_, one);
  return true;
}

void turnstile::leave() {
  std::shared_ptr<waiter> next;
  {
    std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      ++free_;
      return;
    }
    next = std::move(queue_.front());
    queue_.pop_front();
    next->let_in = true;
  }
  const auto executor = next->timer.get_executor();
  // The timer may have fired, or may not be awaited yet. An expiry in the past wakes the waiter in both cases.
  asio::post(executor, [next] { next->timer.expires_at(net::deadline::min()); });
}

}  // namespace cascade
