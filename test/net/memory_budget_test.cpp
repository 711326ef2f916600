#include "net/memory_budget.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using net::memory_budget;

constexpr std::size_t kilobyte = 1024;
constexpr std::size_t megabyte = 1024 * kilobyte;

TEST(memory_budget, what_shares_cover_is_used_until_they_end) {
  memory_budget budget(8 * megabyte);
  {
    memory_budget::share one(&budget);
    memory_budget::share other(&budget);
    EXPECT_TRUE(one.cover(megabyte));
    EXPECT_TRUE(other.cover(2 * megabyte));
    EXPECT_EQ(budget.used(), 3 * megabyte);
    EXPECT_TRUE(one.cover(100)) << "less than it covers already";
    EXPECT_EQ(budget.used(), 3 * megabyte);
    other.shrink_to(megabyte);
    EXPECT_EQ(budget.used(), 2 * megabyte);
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST(memory_budget, what_it_has_no_room_for_is_not_covered) {
  memory_budget budget(8 * megabyte);
  memory_budget::share one(&budget);
  memory_budget::share other(&budget);
  EXPECT_TRUE(one.cover(5 * megabyte));
  EXPECT_FALSE(other.cover(3 * megabyte));
  EXPECT_EQ(budget.used(), 5 * megabyte);
  one.shrink_to(0);
  EXPECT_TRUE(other.cover(3 * megabyte));
}

TEST(memory_budget, large_shares_leave_the_last_eighth_to_small_ones) {
  memory_budget budget(8 * megabyte);
  memory_budget::share large(&budget);
  EXPECT_FALSE(large.cover(8 * megabyte));
  EXPECT_TRUE(large.cover(7 * megabyte));
  memory_budget::share small(&budget);
  EXPECT_TRUE(small.cover(memory_budget::small));
  EXPECT_FALSE(small.cover(memory_budget::small + 1));
}

TEST(memory_budget, a_share_that_is_moved_is_given_back_once) {
  memory_budget budget(megabyte);
  memory_budget::share one(&budget);
  one.cover(100 * kilobyte);
  memory_budget::share moved(std::move(one));
  EXPECT_EQ(one.size(), 0u);
  memory_budget::share assigned;
  assigned = std::move(moved);
  EXPECT_EQ(budget.used(), 100 * kilobyte);
  assigned = {};
}

TEST(memory_budget, a_share_of_none_covers_anything) {
  memory_budget::share free;
  EXPECT_TRUE(free.cover(std::size_t{1} << 60));
}

TEST(memory_budget, many_threads_never_take_more_than_there_is) {
  memory_budget budget(megabyte);
  std::atomic<bool> over = false;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        memory_budget::share mine(&budget);
        mine.cover(static_cast<std::size_t>(i % 80) * 8 * kilobyte);
        if (budget.used() > budget.limit()) over = true;
      }
    });
  }
  threads.clear();
  EXPECT_FALSE(over);
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
