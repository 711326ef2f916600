#include "cascade/stream/turnstile.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "net/executor.hpp"
#include "test/support/until.hpp"

namespace cascade {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;

using outcome = net::result<turnstile::place>;

struct turnstiles : testing::Test {
  std::future<std::shared_ptr<outcome>> enter(turnstile& at, net::deadline limit = net::after(1h)) {
    const auto work = [](turnstile& of, net::deadline until) -> asio::awaitable<std::shared_ptr<outcome>> {
      co_return std::make_shared<outcome>(co_await of.enter(until));
    };
    return asio::co_spawn(pool.strand(), work(at, limit), asio::use_future);
  }

  static void until_waiting(turnstile& at, std::size_t count) {
    test::until([&] { return at.waiting() == count; });
  }

  net::worker_pool pool{2};
};

TEST_F(turnstiles, let_as_many_in_as_there_are_places_and_the_next_when_one_leaves) {
  turnstile at(2, 10);
  auto first = enter(at).get();
  auto second = enter(at).get();
  EXPECT_TRUE(first->has_value() && second->has_value());
  EXPECT_EQ(at.free(), 0u);
  auto third = enter(at);
  until_waiting(at, 1);
  first.reset();
  EXPECT_TRUE(third.get()->has_value());
  second.reset();
  EXPECT_EQ(at.free(), 2u);
}

TEST_F(turnstiles, let_in_by_order_of_arrival) {
  turnstile at(1, 100);
  auto held = enter(at).get();
  std::vector<std::future<std::shared_ptr<outcome>>> waiting;
  for (std::size_t i = 0; i < 20; ++i) {
    waiting.push_back(enter(at));
    until_waiting(at, i + 1);
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    held.reset();
    held = waiting[i].get();
    EXPECT_TRUE(held->has_value()) << i;
    EXPECT_EQ(at.waiting(), waiting.size() - i - 1);
  }
}

TEST_F(turnstiles, refuse_at_once_when_as_many_wait_as_may) {
  turnstile at(1, 1);
  auto held = enter(at).get();
  auto waits = enter(at);
  until_waiting(at, 1);
  EXPECT_EQ(enter(at).get()->error(), turnstile_errc::full);
  held.reset();
  EXPECT_TRUE(waits.get()->has_value());
}

TEST_F(turnstiles, give_up_at_the_deadline_and_keep_no_place_for_it) {
  turnstile at(1, 10);
  auto held = enter(at).get();
  EXPECT_EQ(enter(at, net::after(200ms)).get()->error(), asio::error::timed_out);
  EXPECT_EQ(at.waiting(), 0u);
  held.reset();
  EXPECT_EQ(at.free(), 1u);
}

TEST_F(turnstiles, forget_who_was_cancelled) {
  turnstile at(1, 10);
  auto held = enter(at).get();
  asio::cancellation_signal signal;
  const auto strand = pool.strand();
  std::promise<void> gone;
  const auto work = [](turnstile& of) -> asio::awaitable<void> { co_await of.enter(net::after(1h)); };
  asio::co_spawn(strand, work(at),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { gone.set_value(); }));
  until_waiting(at, 1);
  asio::post(strand, [&] { signal.emit(asio::cancellation_type::terminal); });
  gone.get_future().wait();
  EXPECT_EQ(at.waiting(), 0u);
}

}  // namespace
}  // namespace cascade
