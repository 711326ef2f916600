#include "net/by.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include <boost/asio/redirect_error.hpp>

#include "test/support/run.hpp"

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

asio::awaitable<net::result<int>> value(int what) {
  co_return what;
}

asio::awaitable<net::result<int>> refused() {
  co_return boost::system::error_code(asio::error::connection_refused);
}

asio::awaitable<net::result<int>> thrown() {
  throw std::runtime_error("thrown");
  co_return 0;
}

asio::awaitable<net::result<int>> never() {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::steady_clock::time_point::max());
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return error;
}

class by : public testing::Test {
 protected:
  net::worker_pool pool_{1};
};

TEST_F(by, gives_the_operations_own_value) {
  EXPECT_EQ(*test::run(pool_, net::by(net::after(10s), value(7))), 7);
}

TEST_F(by, gives_an_early_error_at_once_and_not_when_the_limit_passes) {
  const auto began = std::chrono::steady_clock::now();
  const auto result = test::run(pool_, net::by(net::after(1h), refused()));
  EXPECT_EQ(result.error(), asio::error::connection_refused);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1min);
}

TEST_F(by, cancels_the_operation_and_says_timed_out_when_the_limit_passes) {
  EXPECT_EQ(test::run(pool_, net::by(net::after(200ms), never())).error(), asio::error::timed_out);
}

TEST_F(by, keeps_a_value_even_if_the_limit_had_passed_before) {
  EXPECT_EQ(*test::run(pool_, net::by(net::deadline{}, value(7))), 7);
}

TEST_F(by, lets_an_exception_through) {
  EXPECT_THROW(test::run(pool_, net::by(net::after(10s), thrown())), std::runtime_error);
}

}  // namespace
