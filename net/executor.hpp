#pragma once

// The two pools of the process. Coroutines run on strands of the worker pool, so code inside a session needs no lock.
// What blocks (SQLite, key generation) runs on the blocking pool and is awaited. Threads have names: zg-loop-0, …

#include <atomic>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace net {

namespace asio = boost::asio;

/// One event loop per thread. A loop shared by several threads would wake another of them for every event, which costs
/// more than the event; and a loop that one thread runs is a strand (Asio calls it an implicit one): what becomes ready
/// is resumed at once, where an asio::strand would queue it behind another look at the sockets.
class worker_pool {
 public:
  /// `threads` of at least 1. They run from construction to stop(). `descriptors`: for how many, of all loops together,
  /// there is memory in one piece from the beginning, see prepare().
  explicit worker_pool(unsigned threads, std::size_t descriptors = 0);
  ~worker_pool();
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  /// The strand of the next loop; they take turns, and who gets the same one shares it. From any thread.
  asio::any_io_executor strand() { return next().get_executor(); }

  /// Lets work in progress be abandoned and joins the threads. Coroutines still suspended are destroyed with the pool:
  /// join every task_group first.
  void stop();

 private:
  using work_guard = asio::executor_work_guard<asio::io_context::executor_type>;

  static void prepare(asio::io_context& loop, std::size_t descriptors);

  asio::io_context& next() noexcept { return loops_[turn_.fetch_add(1, std::memory_order_relaxed) % loops_.size()]; }

  std::deque<asio::io_context> loops_;
  std::vector<work_guard> work_;
  std::vector<std::jthread> threads_;
  std::atomic<std::size_t> turn_{0};
};

/// For what blocks.
class blocking_pool : public asio::thread_pool {
 public:
  /// `name` of at most 10 characters: the threads are zg-<name>-0, …
  explicit blocking_pool(unsigned threads, std::string_view name = "blocking");
  /// Ends what has not begun, and waits for what has.
  ~blocking_pool();

  /// Waits until all that was posted is done; nothing may be posted afterwards.
  void join();

 private:
  std::vector<std::jthread> threads_;
};

namespace detail {
// co_spawn needs a result that can be made before there is one.
template <class F>
asio::awaitable<std::optional<std::invoke_result_t<F&>>> call(F work) {
  co_return work();
}
}  // namespace detail

/// For what is awaited on another executor: it is not cancelled with its caller. Asio 1.81 would send the cancellation
/// there as a message that may arrive when the coroutine it is meant for is gone.
inline auto uncancelled() {
  return asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
}

/// Runs `work()` on the blocking pool, to its end; the caller is resumed on its own executor with the result or the
/// exception.
template <class F>
asio::awaitable<std::invoke_result_t<F&>> offload(blocking_pool& pool, F work) {
  auto result = co_await asio::co_spawn(pool, detail::call(std::move(work)), uncancelled());
  co_return std::move(*result);
}

/// The same; null: here.
template <class F>
asio::awaitable<std::invoke_result_t<F&>> offload(blocking_pool* pool, F work) {
  if (pool == nullptr) co_return work();
  co_return co_await offload(*pool, std::move(work));
}

}  // namespace net
