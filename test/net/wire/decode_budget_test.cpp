#include "net/wire/decode_budget.hpp"

#include <gtest/gtest.h>

namespace net::wire {
namespace {

TEST(decode_budget, gives_a_block_at_once_and_more_only_for_what_comes) {
  decode_budget budget({.ratio = 10, .block = 100});
  EXPECT_TRUE(budget.spend(100));
  EXPECT_EQ(budget.spend(1).error(), errc::too_dense);
  budget.earn(3);
  EXPECT_TRUE(budget.spend(30));
  EXPECT_EQ(budget.spend(1).error(), errc::too_dense);
}

TEST(decode_budget, saves_up_no_more_than_a_block) {
  decode_budget budget({.ratio = 10, .block = 100});
  budget.earn(1'000'000);
  EXPECT_TRUE(budget.spend(100));
  EXPECT_EQ(budget.spend(1).error(), errc::too_dense);
}

TEST(decode_budget, counts_the_total_beside) {
  decode_budget budget({.total = 150, .ratio = 10, .block = 100});
  EXPECT_TRUE(budget.spend(100));
  budget.earn(100);
  EXPECT_EQ(budget.spend(51).error(), errc::too_large);
  EXPECT_TRUE(budget.spend(50));
}

TEST(decode_budget, without_limits_is_never_spent) {
  decode_budget budget({});
  budget.earn(1 << 20);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(budget.spend(1ull << 50));
}

TEST(decode_budget, is_spent_on_work_as_well) {
  decode_budget budget({.total = 10, .ratio = 10, .block = 100});
  EXPECT_TRUE(budget.work(100)) << "which is not of the total";
  EXPECT_EQ(budget.work(1).error(), errc::too_dense);
}

}  // namespace
}  // namespace net::wire
