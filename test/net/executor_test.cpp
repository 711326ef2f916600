#include "net/executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>

#include <boost/asio/post.hpp>

#include "test/support/run.hpp"

namespace {

namespace asio = boost::asio;

asio::awaitable<std::thread::id> where() { co_return std::this_thread::get_id(); }

asio::awaitable<int> doubled(net::blocking_pool& pool, int value) {
  co_return co_await net::offload(pool, [value] { return 2 * value; });
}

asio::awaitable<bool> comes_back(net::blocking_pool& pool) {
  const auto mine = std::this_thread::get_id();
  const auto other = co_await net::offload(pool, [] { return std::this_thread::get_id(); });
  co_return other != mine && std::this_thread::get_id() == mine;
}

asio::awaitable<int> failing(net::blocking_pool& pool) {
  co_return co_await net::offload(pool, []() -> int { throw std::runtime_error("no"); });
}

TEST(worker_pool, uses_all_its_threads_in_turn) {
  net::worker_pool pool(3);
  std::set<std::thread::id> threads;
  for (int i = 0; i < 6; ++i) threads.insert(test::run(pool, where()));
  EXPECT_EQ(threads.size(), 3u);
}

TEST(worker_pool, has_at_least_one_thread) {
  net::worker_pool pool(0);
  EXPECT_NE(test::run(pool, where()), std::this_thread::get_id());
}

TEST(offload, gives_the_result_to_the_callers_executor) {
  net::worker_pool pool(2);
  net::blocking_pool blocking(1);
  EXPECT_EQ(test::run(pool, doubled(blocking, 21)), 42);
  EXPECT_TRUE(test::run(pool, comes_back(blocking)));
}

TEST(offload, lets_an_exception_through) {
  net::worker_pool pool(1);
  net::blocking_pool blocking(1);
  EXPECT_THROW(test::run(pool, failing(blocking)), std::runtime_error);
}

}  // namespace
