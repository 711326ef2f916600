#pragma once

// The two pools of the process. Coroutines run on strands of the worker pool, one strand per connection or service, so
// code inside a session needs no lock. What blocks (SQLite, key generation) runs on the blocking pool and is awaited.

#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace net {

namespace asio = boost::asio;

class worker_pool {
 public:
  /// `threads` of at least 1. They run from construction to stop().
  explicit worker_pool(unsigned threads);
  ~worker_pool();
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  /// A new strand; every call a different one.
  asio::any_io_executor strand() { return asio::make_strand(context_); }
  asio::io_context& context() noexcept { return context_; }

  /// Lets work in progress be abandoned and joins the threads. Coroutines still suspended are destroyed with the pool:
  /// join every task_group first.
  void stop();

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::jthread> threads_;
};

using blocking_pool = asio::thread_pool;

namespace detail {
// co_spawn needs a result that can be made before there is one.
template <class F>
asio::awaitable<std::optional<std::invoke_result_t<F&>>> call(F work) {
  co_return work();
}
}  // namespace detail

/// Runs `work()` on the blocking pool; the caller is resumed on its own executor with the result or the exception.
template <class F>
asio::awaitable<std::invoke_result_t<F&>> offload(blocking_pool& pool, F work) {
  auto result = co_await asio::co_spawn(pool, detail::call(std::move(work)), asio::use_awaitable);
  co_return std::move(*result);
}

}  // namespace net
