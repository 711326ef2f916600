#pragma once

// Runs a coroutine on a strand of a pool and waits for it; what it throws is thrown here.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "net/executor.hpp"

namespace test {

template <class T>
T run(net::worker_pool& pool, boost::asio::awaitable<T> work) {
  return boost::asio::co_spawn(pool.strand(), std::move(work), boost::asio::use_future).get();
}

}  // namespace test
