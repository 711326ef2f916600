#include "usage/limits/limit_window.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

constexpr std::int64_t minute = 60'000;  // ms

limit_window window(std::int64_t reset, std::optional<std::int64_t> minutes) {
  limit_window made{.name = "5h"};
  made.used = 10;
  made.reset = reset;
  made.minutes = minutes;
  return made;
}

TEST(limit_window, every_value_that_changes_is_new) {
  const auto before = window(0, 300);
  EXPECT_TRUE(tells_the_same(before, before));
  for (auto member : {&limit_window::used, &limit_window::limit, &limit_window::left, &limit_window::minutes}) {
    auto later = before;
    later.*member = 7;
    EXPECT_FALSE(tells_the_same(before, later));
  }
  auto later = before;
  later.status = "rejected";
  EXPECT_FALSE(tells_the_same(before, later));
}

TEST(limit_window, a_reset_is_new_only_where_another_window_begins) {
  EXPECT_TRUE(tells_the_same(window(0, 300), window(30 * minute, 300)));
  EXPECT_FALSE(tells_the_same(window(0, 300), window(31 * minute, 300)));
  EXPECT_TRUE(tells_the_same(window(0, 1), window(600 * minute, 1))) << "such a window rolls";
  EXPECT_TRUE(tells_the_same(window(0, std::nullopt), window(600 * minute, std::nullopt)));
}

TEST(limit_window, what_is_used_is_told_or_is_not_left) {
  limit_window some;
  EXPECT_EQ(used_of(some), std::nullopt);
  some.limit = 400;
  EXPECT_EQ(used_of(some), std::nullopt);
  some.left = 399;
  EXPECT_EQ(used_of(some), 250);
  some.left = 500;
  EXPECT_EQ(used_of(some), std::nullopt) << "more than there is";
  some.used = 7;
  EXPECT_EQ(used_of(some), 7);
  EXPECT_EQ(used_of({.limit = INT64_MAX, .left = 0}), std::nullopt);
}

TEST(limit_window, a_name_may_tell_the_length) {
  EXPECT_EQ(minutes_of("5h"), 300);
  EXPECT_EQ(minutes_of("7d_opus"), 10'080);
  EXPECT_EQ(minutes_of("15m"), 15);
  EXPECT_EQ(minutes_of("tokens-minute"), 1);
  EXPECT_EQ(minutes_of("requests-day"), 1440);
  for (const char* none : {"", "5", "5x", "5hours", "h", "0h", "12345d", "requests", "tokens-month"})
    EXPECT_EQ(minutes_of(none), std::nullopt) << none;
}

}  // namespace
}  // namespace usage
