#include "usage/token_usage.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

TEST(token_usage, the_input_total_is_the_sum_of_what_is_known) {
  EXPECT_EQ((token_usage{1, 20, 300, {}, {}}).input_total(), 321);
  EXPECT_EQ((token_usage{{}, 20, {}, {}, {}}).input_total(), 20);
}

TEST(token_usage, the_input_total_of_nothing_is_nothing_and_not_zero) {
  EXPECT_EQ((token_usage{{}, {}, {}, 5, {}}).input_total(), std::nullopt);
  EXPECT_EQ((token_usage{0, {}, {}, {}, {}}).input_total(), 0);
}

}  // namespace
}  // namespace usage
