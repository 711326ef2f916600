#include "usage/ledger/clock/believable_clock.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t one_day = 24 * hour;
constexpr std::int64_t retention = 400 * one_day;
constexpr std::int64_t start = 1'800'000'000'000;

/// A machine whose clocks are moved by the test, and what the ledger keeps of them.
class machine {
 public:
  clock_memory look() { return memory_ = look_at_clock(memory_, now_, retention); }

  /// Time passes, and every clock knows.
  void run(std::int64_t length) {
    now_.wall += length;
    now_.uptime += length;
  }
  void leap(std::int64_t by) { now_.wall += by; }
  void reboot(std::int64_t off) {
    now_.wall += off;
    now_.uptime = 0;
    ++now_.boot;
    now_.synchronised = false;
  }
  void synchronise() { now_.synchronised = true; }

  std::int64_t behind() { return now_.wall - look().time; }

 private:
  clock_reading now_{start, 5 * one_day, 1, false};
  clock_memory memory_ = first_look_at_clock(0, now_);
};

TEST(believable_clock, goes_as_the_wall_clock_does_while_nothing_leaps) {
  machine one;
  for (int i = 0; i < 1000; ++i) {
    one.run(hour);
    ASSERT_EQ(one.behind(), 0);
  }
}

TEST(believable_clock, a_leap_ahead_makes_nothing_old) {
  machine one;
  one.run(hour);
  one.leap(730 * one_day);
  EXPECT_EQ(one.behind(), 730 * one_day);
  one.run(10 * one_day);
  EXPECT_EQ(one.behind(), 730 * one_day) << "time goes on from where it was";
}

TEST(believable_clock, a_leap_that_is_taken_back_leaves_nothing_behind) {
  machine one;
  one.leap(730 * one_day);
  EXPECT_EQ(one.behind(), 730 * one_day);
  one.run(hour);
  one.leap(-730 * one_day);
  EXPECT_EQ(one.behind(), 0);
}

TEST(believable_clock, a_leap_across_a_restart_of_the_service_is_one_too) {
  machine one;
  one.run(hour);
  one.leap(730 * one_day);  // nobody looked meanwhile
  one.run(hour);
  EXPECT_EQ(one.behind(), 730 * one_day);
}

TEST(believable_clock, what_was_written_before_a_leap_is_old_when_its_days_have_really_passed) {
  machine one;
  one.leap(730 * one_day);
  one.look();
  for (int i = 0; i < 399; ++i) {
    one.run(one_day);
    ASSERT_EQ(one.behind(), 730 * one_day) << "after " << i;
  }
  one.run(one_day);
  EXPECT_EQ(one.behind(), 0) << "no row from before is younger than 400 days now, and none from after is older";
}

TEST(believable_clock, a_second_leap_begins_the_wait_anew) {
  machine one;
  one.leap(100 * one_day);
  one.look();
  one.run(399 * one_day);
  one.leap(100 * one_day);
  EXPECT_EQ(one.behind(), 200 * one_day);
  one.run(399 * one_day);
  EXPECT_EQ(one.behind(), 200 * one_day);
  one.run(one_day);
  EXPECT_EQ(one.behind(), 0);
}

TEST(believable_clock, a_clock_that_goes_back_makes_rows_younger_and_no_row_old_when_it_returns) {
  machine one;
  one.leap(-30 * one_day);
  EXPECT_EQ(one.behind(), 0);
  one.run(one_day);
  one.leap(30 * one_day);
  EXPECT_EQ(one.behind(), 30 * one_day);
}

TEST(believable_clock, a_machine_may_have_been_off_for_a_week) {
  machine one;
  one.reboot(plausible_pause_ms);
  EXPECT_EQ(one.behind(), 0);
  one.reboot(plausible_pause_ms + 700 * one_day);
  EXPECT_EQ(one.behind(), 700 * one_day);
}

TEST(believable_clock, for_longer_if_network_time_says_so) {
  machine one;
  one.reboot(365 * one_day);
  one.synchronise();
  EXPECT_EQ(one.behind(), 0);
}

TEST(believable_clock, network_time_does_not_excuse_a_leap_while_the_machine_is_up) {
  machine one;
  one.synchronise();
  one.leap(730 * one_day);
  EXPECT_EQ(one.behind(), 730 * one_day);
}

TEST(believable_clock, little_steps_do_not_begin_the_wait_anew) {
  machine one;
  one.leap(730 * one_day);
  one.look();
  for (int i = 0; i < 400; ++i) {
    one.run(one_day);
    one.leap(clock_jitter_ms);
    one.look();
  }
  EXPECT_EQ(one.behind(), 0);
}

TEST(believable_clock, a_ledger_that_knows_of_no_clock_goes_by_its_newest_row) {
  const clock_reading now{start, hour, 1, true};
  EXPECT_EQ(first_look_at_clock(0, now).time, start) << "it is empty";
  EXPECT_EQ(first_look_at_clock(start - one_day, now).time, start);
  EXPECT_EQ(first_look_at_clock(start + one_day, now).time, start) << "written by a clock that was ahead";
  EXPECT_EQ(first_look_at_clock(start - 730 * one_day, now).time, start - 730 * one_day + plausible_pause_ms);
}

}  // namespace
}  // namespace usage
