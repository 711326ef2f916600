#include "net/task_group.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include <boost/asio/steady_timer.hpp>

#include "test/support/run.hpp"

namespace {

namespace asio = boost::asio;

asio::awaitable<void> forever() {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::steady_clock::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> count(std::atomic<int>& into) {
  ++into;
  co_return;
}

asio::awaitable<void> fail() {
  throw std::runtime_error("out of luck");
  co_return;
}

class task_group : public testing::Test {
 protected:
  net::worker_pool pool_{2};
  std::atomic<int> errors_{0};
  net::task_group tasks_{pool_.strand(), [this](const std::string&) { ++errors_; }};
};

TEST_F(task_group, that_is_empty_is_joined_at_once) {
  test::run(pool_, tasks_.join());
  EXPECT_EQ(tasks_.size(), 0u);
}

TEST_F(task_group, is_joined_when_every_task_has_ended) {
  std::atomic<int> done{0};
  for (int i = 0; i < 100; ++i) tasks_.spawn(pool_.strand(), count(done));
  test::run(pool_, tasks_.join());
  EXPECT_EQ(done, 100);
  EXPECT_EQ(tasks_.size(), 0u);
}

TEST_F(task_group, cancels_tasks_that_would_run_for_ever) {
  for (int i = 0; i < 10; ++i) tasks_.spawn(pool_.strand(), forever());
  EXPECT_EQ(tasks_.size(), 10u);
  tasks_.cancel();
  test::run(pool_, tasks_.join());
  EXPECT_EQ(tasks_.size(), 0u);
}

TEST_F(task_group, tells_of_an_exception_and_goes_on) {
  tasks_.spawn(pool_.strand(), fail());
  test::run(pool_, tasks_.join());
  EXPECT_EQ(errors_, 1);
}

TEST_F(task_group, resumes_who_waits_for_room_when_enough_tasks_have_ended) {
  std::atomic<int> done{0};
  tasks_.spawn(pool_.strand(), forever());
  for (int i = 0; i < 5; ++i) tasks_.spawn(pool_.strand(), count(done));
  test::run(pool_, tasks_.below(2));
  EXPECT_EQ(tasks_.size(), 1u);
  tasks_.cancel();
  test::run(pool_, tasks_.join());
}

TEST_F(task_group, a_task_may_report_its_exception_itself) {
  std::string told;
  tasks_.spawn(pool_.strand(), fail(), [&told](const std::string& what) { told = what; });
  test::run(pool_, tasks_.join());
  EXPECT_EQ(told, "out of luck");
  EXPECT_EQ(errors_, 0);
}

asio::awaitable<void> throw_a_number() {
  throw 7;
  co_return;
}

TEST_F(task_group, what_is_no_exception_class_is_told_of_as_well) {
  tasks_.spawn(pool_.strand(), throw_a_number());
  test::run(pool_, tasks_.join());
  EXPECT_EQ(errors_, 1);
}

}  // namespace
