#include "app/accounting/interception_watch.hpp"

#include <gtest/gtest.h>

#include <string>

namespace app {
namespace {

constexpr std::int64_t later = 1000 + interception_watch::grace_ms;

TEST(interception_watch, nothing_listed_is_nothing_missed) {
  interception_watch watch;
  watch.seen("a");
  EXPECT_EQ(watch.missed(later), 0u);
}

TEST(interception_watch, listed_answers_of_which_none_passed_are_missed_after_a_while) {
  interception_watch watch;
  watch.listed("a", 1000);
  watch.listed("a", 1000);
  watch.listed("b", 1000);
  EXPECT_EQ(watch.missed(later - 1), 0u);
  EXPECT_EQ(watch.missed(later), 2u);
}

TEST(interception_watch, one_that_passed_shows_that_the_way_is_right) {
  interception_watch watch;
  watch.listed("a", 1000);
  watch.listed("b", 1000);
  watch.seen("b");
  EXPECT_EQ(watch.missed(later), 0u);
  interception_watch other;
  other.seen("a");
  other.listed("a", 1000);
  EXPECT_EQ(other.missed(later), 0u);
}

TEST(interception_watch, it_is_the_latest_answers_that_count) {
  interception_watch watch;
  watch.seen("passed");
  watch.listed("passed", 1000);
  for (std::size_t i = 0; i < interception_watch::max_listed; ++i) watch.listed(std::to_string(i), 1000);
  EXPECT_EQ(watch.missed(later), interception_watch::max_listed);
}

TEST(interception_watch, what_passed_long_ago_is_forgotten) {
  interception_watch watch;
  watch.seen("a");
  for (std::size_t i = 0; i < interception_watch::max_seen; ++i) watch.seen(std::to_string(i));
  watch.listed("a", 1000);
  EXPECT_EQ(watch.missed(later), 1u);
}

}  // namespace
}  // namespace app
