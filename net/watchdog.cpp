#include "net/watchdog.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace net {

namespace asio = boost::asio;

struct watchdog::state {
  asio::steady_timer timer;
  clock::time_point due;
  std::function<void()> on_expiry;  // empty after it expired or was stopped
};

watchdog::watchdog(asio::any_io_executor executor, std::function<void()> on_expiry)
    : state_(std::make_shared<state>(state{asio::steady_timer(std::move(executor), clock::time_point::max()),
                                           clock::time_point::max(), std::move(on_expiry)})) {}

void watchdog::expect(clock::duration limit, clock::time_point now) {
  state_->due = now + limit;
  if (state_->on_expiry && state_->due < state_->timer.expiry()) arm(state_);
}

void watchdog::stop() {
  state_->on_expiry = nullptr;
  state_->timer.cancel();
}

void watchdog::arm(const std::shared_ptr<state>& watched) {
  watched->timer.expires_at(watched->due);  // ends an earlier wait
  watched->timer.async_wait([watched](boost::system::error_code error) {
    if (error || !watched->on_expiry) return;
    if (clock::now() < watched->due) return arm(watched);
    std::exchange(watched->on_expiry, nullptr)();
  });
}

}  // namespace net
