#include "net/executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>

#include <boost/asio/post.hpp>

#include "net/thread_name.hpp"
#include "test/support/run.hpp"

namespace {

namespace asio = boost::asio;

asio::awaitable<std::thread::id> where() {
  co_return std::this_thread::get_id();
}

asio::awaitable<int> doubled(net::blocking_pool& pool, int value) {
  co_return co_await net::offload(pool, [value] { return 2 * value; });
}

asio::awaitable<bool> comes_back(net::blocking_pool& pool) {
  const auto mine = std::this_thread::get_id();
  const auto other = co_await net::offload(pool, [] { return std::this_thread::get_id(); });
  co_return other != mine&& std::this_thread::get_id() == mine;
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

asio::awaitable<std::string> name_here() {
  co_return net::thread_name();
}

asio::awaitable<std::string> name_of(net::blocking_pool& pool) {
  return net::offload(pool, net::thread_name);
}

TEST(worker_pool, its_threads_have_names) {
  net::worker_pool pool(2);
  std::set<std::string> names;
  for (int i = 0; i < 2; ++i) names.insert(test::run(pool, name_here()));
  EXPECT_EQ(names, (std::set<std::string>{"zg-loop-0", "zg-loop-1"}));
}

TEST(blocking_pool, its_threads_have_names) {
  net::worker_pool pool(1);
  net::blocking_pool blocking(1, "reports");
  EXPECT_EQ(test::run(pool, name_of(blocking)), "zg-reports-0");
}

TEST(blocking_pool, a_join_waits_for_all_that_was_posted) {
  net::blocking_pool blocking(2);
  std::atomic<int> done{0};
  for (int i = 0; i < 100; ++i) asio::post(blocking, [&done] { ++done; });
  blocking.join();
  EXPECT_EQ(done, 100);
}

TEST(offload, without_a_pool_is_a_call) {
  net::worker_pool pool(1);
  EXPECT_EQ(test::run(pool, net::offload(static_cast<net::blocking_pool*>(nullptr), [] { return net::thread_name(); })),
            "zg-loop-0");
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
