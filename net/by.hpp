#pragma once

// Puts a time limit on one operation: `co_await by(deadline, op)` returns op's own result, or timed_out.

#include <chrono>
#include <exception>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/errc.hpp"

namespace net {

namespace asio = boost::asio;

using deadline = std::chrono::steady_clock::time_point;

inline deadline after(std::chrono::steady_clock::duration limit) {
  return std::chrono::steady_clock::now() + limit;
}

/// `op` runs on the caller's executor and is cancelled when the deadline passes. A result that arrives just as the
/// deadline passes is kept. `op || timer` would not do: it waits for a success, so an early error would wait for the
/// timer.
template <class T>
asio::awaitable<result<T>> by(deadline limit, asio::awaitable<result<T>> op) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, limit);
  auto [order, error, value, waited] =
      co_await asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(op), asio::deferred),
                                                       timer.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (error) std::rethrow_exception(error);
  const bool expired = order[0] == 1 && !waited;
  if (expired && value.has_error() && value.error() == asio::error::operation_aborted) {
    co_return make_error_code(asio::error::timed_out);
  }
  co_return std::move(value);
}

}  // namespace net
