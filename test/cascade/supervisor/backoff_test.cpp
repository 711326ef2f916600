#include "cascade/supervisor/backoff.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using cascade::backoff;

const cascade::backoff_limits limits{.first = 1000ms, .longest = 8000ms, .shortest = 100ms, .stable = 60s};

double highest() {
  return 1.0;
}

TEST(backoff, doubles_its_ceiling_with_every_failure_up_to_the_longest_wait) {
  backoff waits(limits, highest);
  for (const auto expected : {1000ms, 2000ms, 4000ms, 8000ms, 8000ms, 8000ms}) EXPECT_EQ(waits.failed(0s), expected);
}

TEST(backoff, draws_the_wait_between_nothing_and_the_ceiling) {
  double next = 0.5;
  backoff waits(limits, [&] { return next; });
  EXPECT_EQ(waits.failed(0s), 500ms);
  next = 0.25;
  EXPECT_EQ(waits.failed(0s), 500ms);
  next = 0.75;
  EXPECT_EQ(waits.failed(0s), 3000ms);
}

TEST(backoff, never_waits_less_than_the_shortest) {
  backoff waits(limits, [] { return 0.0; });
  EXPECT_EQ(waits.failed(0s), 100ms);
}

TEST(backoff, begins_anew_after_a_stable_period) {
  backoff waits(limits, highest);
  waits.failed(0s);
  waits.failed(0s);
  EXPECT_EQ(waits.failed(60s), 1000ms);
  EXPECT_EQ(waits.failures(), 1u);
}

TEST(backoff, a_life_just_short_of_stable_is_a_failure_like_the_others) {
  backoff waits(limits, highest);
  waits.failed(0s);
  EXPECT_EQ(waits.failed(60s - 1ms), 2000ms);
  EXPECT_EQ(waits.failures(), 2u);
}

TEST(backoff, ten_thousand_failures_do_not_overflow) {
  backoff waits({.first = 1000ms, .longest = std::chrono::hours(1), .shortest = 0ms, .stable = 1s}, highest);
  for (int i = 0; i < 9'999; ++i) waits.failed(0s);
  EXPECT_EQ(waits.failed(0s), 1h);
}

}  // namespace
