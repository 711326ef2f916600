#pragma once

// Threads for long work that must not hold up the event loops: reports, large bodies. They have a lower priority than
// the loops and a bounded queue. Work whose caller has gone is asked to stop.

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "net/executor.hpp"

namespace net {

class background_pool {
 public:
  struct options {
    std::string name;  // of its threads, up to 15 letters
    unsigned threads = 1;
    std::size_t queue = 64;  // tasks that may wait; more are refused
  };

  explicit background_pool(options chosen);
  ~background_pool();
  background_pool(const background_pool&) = delete;
  background_pool& operator=(const background_pool&) = delete;

  /// Calls `work(stop)` on one of the threads and resumes the caller on its own executor with the result or the
  /// exception. nullopt: the queue is full, or the caller was cancelled before the work began. Cancelling the caller
  /// requests `stop`. The caller still resumes only after the work has ended, so the work may refer to the caller's
  /// frame.
  template <class F>
  asio::awaitable<std::optional<std::invoke_result_t<F&, std::stop_token>>> run(F work);

  /// Tasks that wait or run, except those whose callers have gone.
  std::size_t pending() const noexcept { return pending_.load(std::memory_order_relaxed); }

 private:
  /// A place in the queue or on a thread. It becomes free when the work has ended, even if the caller's loop has not
  /// yet taken the result, or when the caller has gone, even if the work still runs.
  class place {
   public:
    explicit place(background_pool& pool) : pool_(pool) {}
    ~place() { leave(); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    bool enter();
    void leave();  // from any thread

   private:
    background_pool& pool_;
    std::atomic<bool> entered_{false};
  };

  struct leave_at_end {
    place& left;
    ~leave_at_end() { left.leave(); }
  };

  template <class F>
  static asio::awaitable<std::optional<std::invoke_result_t<F&, std::stop_token>>> call(F& work, std::stop_token stop,
                                                                                        place& taken) {
    const leave_at_end done{taken};
    if (stop.stop_requested()) co_return std::nullopt;
    co_return work(std::move(stop));
  }

  const std::size_t most_;
  std::atomic<std::size_t> pending_{0};
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  std::vector<std::jthread> threads_;
};

template <class F>
asio::awaitable<std::optional<std::invoke_result_t<F&, std::stop_token>>> background_pool::run(F work) {
  place mine(*this);
  if (!mine.enter()) co_return std::nullopt;
  std::stop_source stop;
  // What is awaited below leaves the caller's slot free, see uncancelled().
  auto slot = (co_await asio::this_coro::cancellation_state).slot();
  if (slot.is_connected()) {
    slot.assign([&stop, &mine](asio::cancellation_type) {
      stop.request_stop();
      mine.leave();
    });
  }
  struct unassign {
    asio::cancellation_slot& slot;
    ~unassign() {
      if (slot.is_connected()) slot.clear();
    }
  } on_return{slot};
  co_return co_await asio::co_spawn(context_, call(work, stop.get_token(), mine), uncancelled());
}

}  // namespace net
