#include "net/background_pool.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>

#include <pthread.h>
#include <sys/resource.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include "test/support/run.hpp"
#include "test/support/until.hpp"

namespace {

namespace asio = boost::asio;

/// Keeps the pool's one thread until it is let go.
struct occupation {
  std::promise<void> begun;
  std::promise<void> release;
  int operator()(std::stop_token) {
    begun.set_value();
    release.get_future().wait();
    return 1;
  }
};

asio::awaitable<std::optional<int>> run(net::background_pool& pool, std::function<int(std::stop_token)> work) {
  co_return co_await pool.run([&](std::stop_token stop) { return work(std::move(stop)); });
}

class background_pool : public testing::Test {
 protected:
  template <class Work>
  auto begin(Work& work) {
    return asio::co_spawn(loops_.strand(), run(pool_, std::ref(work)), asio::use_future);
  }

  net::worker_pool loops_{2};
  net::background_pool pool_{{.name = "test", .threads = 1, .queue = 1}};
};

TEST_F(background_pool, works_on_a_thread_of_its_own_by_that_name_and_of_lower_priority) {
  std::thread::id worker;
  char name[16] = {};
  int priority = 0;
  const auto done = test::run(loops_, run(pool_, [&](std::stop_token) {
                                worker = std::this_thread::get_id();
                                pthread_getname_np(pthread_self(), name, sizeof name);
                                priority = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
                                return 7;
                              }));
  EXPECT_EQ(done, 7);
  EXPECT_NE(worker, std::this_thread::get_id());
  EXPECT_STREQ(name, "test");
  EXPECT_GT(priority, getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())));
}

TEST_F(background_pool, refuses_what_its_queue_has_no_room_for) {
  occupation long_work;
  auto busy = begin(long_work);
  long_work.begun.get_future().wait();
  std::function<int(std::stop_token)> quick = [](std::stop_token) { return 2; };
  auto waiting = begin(quick);
  test::until([&] { return pool_.pending() >= 2; });
  EXPECT_EQ(test::run(loops_, run(pool_, quick)), std::nullopt);
  long_work.release.set_value();
  EXPECT_EQ(busy.get(), 1);
  EXPECT_EQ(waiting.get(), 2);
  EXPECT_EQ(test::run(loops_, run(pool_, quick)), 2);
}

TEST_F(background_pool, has_room_again_once_the_work_has_ended_however_late_its_caller_gets_to_the_result) {
  occupation work;
  const auto strand = loops_.strand();
  auto done = asio::co_spawn(strand, run(pool_, std::ref(work)), asio::use_future);
  work.begun.get_future().wait();
  std::promise<void> occupied;
  std::promise<void> release;
  asio::post(strand, [&] {
    occupied.set_value();
    release.get_future().wait();
  });
  occupied.get_future().wait();
  work.release.set_value();
  for (int i = 0; i < 1000 && pool_.pending() != 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(pool_.pending(), 0u);
  release.set_value();
  EXPECT_EQ(done.get(), 1);
}

TEST_F(background_pool, passes_an_exception_to_the_caller) {
  EXPECT_THROW(test::run(loops_, run(pool_, [](std::stop_token) -> int { throw std::runtime_error("no"); })),
               std::runtime_error);
  EXPECT_EQ(pool_.pending(), 0u);
}

TEST_F(background_pool, asks_work_to_stop_whose_caller_is_cancelled) {
  std::promise<void> begun;
  std::function<int(std::stop_token)> until_stopped = [&](std::stop_token stop) {
    begun.set_value();
    test::until([&] { return stop.stop_requested(); });
    return 3;
  };
  const auto strand = loops_.strand();
  asio::cancellation_signal cancel;
  auto done = asio::co_spawn(strand, run(pool_, std::ref(until_stopped)),
                             asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
  begun.get_future().wait();
  asio::post(strand, [&] { cancel.emit(asio::cancellation_type::terminal); });
  done.wait();
  EXPECT_EQ(pool_.pending(), 0u);
}

TEST_F(background_pool, gives_the_place_of_a_caller_that_has_gone_to_another) {
  occupation long_work;
  auto busy = begin(long_work);
  long_work.begun.get_future().wait();
  bool ran = false;
  std::function<int(std::stop_token)> abandoned = [&](std::stop_token) { return ran = true, 0; };
  const auto strand = loops_.strand();
  asio::cancellation_signal cancel;
  auto gone = asio::co_spawn(strand, run(pool_, std::ref(abandoned)),
                             asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
  test::until([&] { return pool_.pending() >= 2; });
  asio::post(strand, [&] { cancel.emit(asio::cancellation_type::terminal); });
  test::until([&] { return pool_.pending() <= 1; });
  std::function<int(std::stop_token)> quick = [](std::stop_token) { return 2; };
  auto next = begin(quick);
  test::until([&] { return pool_.pending() >= 2; });
  long_work.release.set_value();
  EXPECT_EQ(next.get(), 2);
  gone.wait();
  EXPECT_FALSE(ran);
  EXPECT_EQ(busy.get(), 1);
}

}  // namespace
