#include "app/accounting/process_lookup.hpp"

#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace app {

const connection_process* process_lookup::known() const {
  const std::lock_guard lock(mutex_);
  return found_ ? &*found_ : nullptr;
}

void process_lookup::when_known(receiver done) {
  std::unique_lock lock(mutex_);
  if (!found_) return waiting_.push_back(std::move(done));
  lock.unlock();
  done(*found_);
}

void process_lookup::when_user_known(user_receiver done) {
  std::unique_lock lock(mutex_);
  if (!user_) return waiting_for_user_.push_back(std::move(done));
  lock.unlock();
  done(user_->uid);
}

void process_lookup::answer_user(std::optional<std::int64_t> uid) {
  std::unique_lock lock(mutex_);
  if (user_) return;
  user_ = known_user{uid};
  const auto waiting = std::exchange(waiting_for_user_, {});
  lock.unlock();
  for (const auto& each : waiting) each(uid);
}

void process_lookup::answer(connection_process found) {
  answer_user(found.uid);
  std::unique_lock lock(mutex_);
  found_ = std::move(found);
  const auto waiting = std::exchange(waiting_, {});
  lock.unlock();
  for (const auto& each : waiting) each(*found_);
}

net::asio::awaitable<std::optional<std::int64_t>> user_of(std::shared_ptr<process_lookup> lookup) {
  const auto executor = co_await net::asio::this_coro::executor;
  co_return co_await net::asio::async_initiate<decltype(net::asio::use_awaitable), void(std::optional<std::int64_t>)>(
      [executor, lookup](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        lookup->when_user_known([executor, shared](std::optional<std::int64_t> uid) {
          net::asio::post(executor, [shared, uid] { std::move (*shared)(uid); });
        });
      },
      net::asio::use_awaitable);
}

}  // namespace app
