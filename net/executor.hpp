#pragma once

// The two thread pools of the process. Coroutines run on strands of the worker pool, so code inside a session needs no
// lock. Blocking calls (SQLite, key generation) run on the blocking pool and are awaited. Threads have names:
// zg-loop-0, …

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

/// One event loop per thread. A loop shared by several threads would wake another thread for every event, which costs
/// more than the event itself. A loop with one thread is an implicit strand: it resumes a ready coroutine at once,
/// while an asio::strand would queue it behind another poll of the sockets.
class worker_pool {
 public:
  /// `threads` is at least 1; they run from construction to stop(). `descriptors` is how many descriptors, over all
  /// loops, get their memory up front; see prepare().
  explicit worker_pool(unsigned threads, std::size_t descriptors = 0);
  ~worker_pool();
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  /// The strand of the next loop, in turn. Callers that get the same loop share its strand. From any thread.
  asio::any_io_executor strand() { return next().get_executor(); }

  /// Abandons work in progress and joins the threads. The pool's destructor destroys coroutines that are still
  /// suspended, so join every task_group first.
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

/// For blocking calls.
class blocking_pool : public asio::thread_pool {
 public:
  /// `name` has at most 10 characters; the threads are called zg-<name>-0, …
  explicit blocking_pool(unsigned threads, std::string_view name = "blocking");
  /// Drops work that has not begun and waits for work that has.
  ~blocking_pool();

  /// Waits until all posted work is done. Nothing may be posted afterwards.
  void join();

 private:
  std::vector<std::jthread> threads_;
};

namespace detail {
// co_spawn needs a default-constructible result.
template <class F>
asio::awaitable<std::optional<std::invoke_result_t<F&>>> call(F work) {
  co_return work();
}
}  // namespace detail

/// For awaiting on another executor: the operation is not cancelled with its caller. Asio 1.81 would send the
/// cancellation there as a message, which may arrive after the target coroutine has gone.
inline auto uncancelled() {
  return asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
}

/// Runs `work()` on the blocking pool, always to its end, and resumes the caller on its own executor with the result or
/// the exception.
template <class F>
asio::awaitable<std::invoke_result_t<F&>> offload(blocking_pool& pool, F work) {
  auto result = co_await asio::co_spawn(pool, detail::call(std::move(work)), uncancelled());
  co_return std::move(*result);
}

/// The same; if `pool` is null, runs it here.
template <class F>
asio::awaitable<std::invoke_result_t<F&>> offload(blocking_pool* pool, F work) {
  if (pool == nullptr) co_return work();
  co_return co_await offload(*pool, std::move(work));
}

}  // namespace net
