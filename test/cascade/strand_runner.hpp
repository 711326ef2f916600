#pragma once

// Runs a coroutine on a strand of a real pool and waits for it. Tests of what runs child processes.

#include <chrono>
#include <future>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "net/executor.hpp"

namespace cascade_test {

namespace asio = boost::asio;

/// Far above what a loaded machine needs; a test that reaches it fails.
inline constexpr std::chrono::seconds patience{60};

class strand_runner {
 public:
  template <class T>
  T run(asio::awaitable<T> task) {
    auto result = asio::co_spawn(strand_, std::move(task), asio::use_future);
    if (result.wait_for(patience) != std::future_status::ready) throw std::runtime_error("the coroutine does not end");
    return result.get();
  }

  const asio::any_io_executor& strand() const { return strand_; }
  net::worker_pool& pool() { return pool_; }

 private:
  net::worker_pool pool_{2};
  asio::any_io_executor strand_ = pool_.strand();
};

}  // namespace cascade_test
