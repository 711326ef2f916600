#include "bench/common/histogram.hpp"

#include <gtest/gtest.h>

namespace {

using bench::histogram;

TEST(histogram, small_values_are_exact) {
  histogram h;
  for (std::uint64_t i = 1; i <= 100; ++i) h.record(i);
  EXPECT_EQ(h.at(.5), 50u);
  EXPECT_EQ(h.at(.99), 99u);
  EXPECT_EQ(h.at(1), 100u);
  EXPECT_EQ(h.count(), 100u);
  EXPECT_DOUBLE_EQ(h.mean(), 50.5);
}

TEST(histogram, a_percentile_is_off_by_less_than_one_percent_whatever_the_magnitude) {
  for (std::uint64_t value = 3; value < (1ull << 50); value = value * 7 / 2 + 1) {
    histogram h;
    h.record(value);
    h.record(1ull << 52);
    EXPECT_GE(h.at(.5), value);
    EXPECT_LE(static_cast<double>(h.at(.5)), static_cast<double>(value) * 1.01);
  }
}

TEST(histogram, every_value_falls_below_the_bound_of_its_bucket_and_above_that_of_the_one_before) {
  for (std::uint64_t value = 1; value < 5000; ++value) {
    histogram h;
    h.record(value);
    h.record(value - 1);
    const auto buckets = h.buckets();
    EXPECT_GE(buckets.back().upper, value);
    if (buckets.size() == 2) EXPECT_LT(buckets.front().upper, value);
  }
}

TEST(histogram, two_added_up_are_as_one) {
  histogram a;
  histogram b;
  histogram both;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    (i % 2 == 0 ? a : b).record(i * i);
    both.record(i * i);
  }
  a.add(b);
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.at(.9), both.at(.9));
  EXPECT_EQ(a.max(), both.max());
}

TEST(histogram, an_empty_one_answers_zero) {
  EXPECT_EQ(histogram().at(.99), 0u);
  EXPECT_EQ(histogram().mean(), 0.0);
}

}  // namespace
