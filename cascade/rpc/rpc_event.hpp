#pragma once

// Connects a gRPC thread with a coroutine: the callback calls notify(), which posts to the executor of the waiting
// coroutine. If nobody waits, it touches no executor, so a call may outlive its scope.

#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cascade {

namespace asio = boost::asio;

class rpc_event {
 public:
  /// From any thread. Resumes the waiter, or lets the next wait() return at once.
  void notify();

  /// One waiter at a time; its executor must outlive the wait. When the waiting coroutine is cancelled, `cancel` runs
  /// on that executor. It is only a request: wait() still ends with notify() alone.
  template <class Cancel>
  asio::awaitable<void> wait(Cancel cancel) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) cancel();
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto initiate = [this, &cancel, &executor](auto handler) {
      auto one = std::make_unique<waiter>(std::move(handler));
      auto slot = asio::get_associated_cancellation_slot(*one);
      if (slot.is_connected()) slot.assign([&cancel](asio::cancellation_type) { cancel(); });
      park(std::move(one), executor);
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiate), asio::use_awaitable);
  }

 private:
  using waiter = asio::any_completion_handler<void()>;
  // Behind a pointer: Asio 1.81 believes that a waiter is copyable and copies it in an endless recursion.
  using waiter_ptr = std::unique_ptr<waiter>;

  void park(waiter_ptr one, const asio::any_io_executor& executor);
  static void resume(waiter_ptr one, const asio::any_io_executor& executor);

  std::mutex mutex_;
  bool notified_ = false;
  waiter_ptr waiting_;
  asio::any_io_executor executor_;  // of waiting_, counted as work; empty while nobody waits
};

}  // namespace cascade
