#include "bench/common/comparison.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace {

TEST(comparison, the_median_of_the_rounds_counts_and_the_noise_is_how_far_they_are_apart) {
  bench::comparison of({"a"});
  for (const double value : {10.0, 30.0, 12.0}) of.add("m", "us", "a", value);
  EXPECT_DOUBLE_EQ(of.rows().front().median("a"), 12.0);
  EXPECT_DOUBLE_EQ(of.rows().front().noise(), 20.0 / 12.0);
}

TEST(comparison, what_is_per_nothing_is_no_value) {
  bench::comparison found({"a"});
  found.add("CPU per event", "us", "a", std::numeric_limits<double>::quiet_NaN());
  found.add("CPU per event", "us", "a", std::numeric_limits<double>::infinity());
  EXPECT_TRUE(found.rows().empty());
}

TEST(comparison, a_distribution_becomes_a_row_for_the_middle_and_one_for_the_tail) {
  bench::comparison of({"a"});
  bench::histogram values;
  for (std::uint64_t i = 1; i <= 100; ++i) values.record(i * 1000);
  of.add("latency", "a", values);
  ASSERT_EQ(of.rows().size(), 2u);
  EXPECT_NEAR(of.rows()[0].median("a"), 50, 1);
  EXPECT_NEAR(of.rows()[1].median("a"), 99, 1);
}

TEST(comparison, a_target_is_a_number_or_a_ratio_and_says_whether_it_is_reached) {
  bench::comparison of({"a", "b"});
  of.add("m", "us", "a", 15);
  of.add("m", "us", "b", 10);
  EXPECT_EQ(of.rows().front().target_text(), "");
  of.must_reach("m", {"a", 20});
  EXPECT_EQ(of.rows().front().target_text(), "<= 20 us, reached");
  of.must_reach("m", {"a", 1.5, "b"});
  EXPECT_EQ(of.rows().front().target_text(), "<= 1.5 x b, reached");
  of.must_reach("m", {"a", 1.4, "b"});
  EXPECT_EQ(of.rows().front().target_text(), "<= 1.4 x b, MISSED");
}

TEST(comparison, a_target_that_refers_to_somebody_who_is_not_there_is_neither_reached_nor_missed) {
  bench::comparison of({"a"});
  of.add("m", "us", "a", 15);
  of.must_reach("m", {"a", 1, "b"});
  EXPECT_EQ(of.rows().front().target_text(), "<= 1 x b");
  of.must_reach("not measured", {"a", 1});
  EXPECT_EQ(of.rows().size(), 1u);
}

TEST(comparison, there_is_no_difference_to_somebody_who_was_left_out) {
  bench::comparison of({"a"});
  of.add("m", "us", "a", 3);
  of.add_difference("a - b", "m", "a", "b");
  ASSERT_EQ(of.rows().size(), 1u);
  EXPECT_EQ(of.rows()[0].noise(), 0);
}

TEST(comparison, a_difference_is_taken_within_each_round) {
  bench::comparison of({"a", "b"});
  for (const double value : {10.0, 50.0, 30.0}) of.add("m", "us", "a", value + 1);
  for (const double value : {10.0, 50.0, 30.0}) of.add("m", "us", "b", value);
  of.add_difference("a - b", "m", "a", "b");
  ASSERT_EQ(of.rows().size(), 2u);
  EXPECT_DOUBLE_EQ(of.rows()[1].median("a"), 1.0);
  EXPECT_DOUBLE_EQ(of.rows()[1].noise(), 0.0);
  EXPECT_EQ(of.rows()[1].unit, "us");
}

TEST(comparison, a_ratio_is_taken_within_each_round_of_those_who_have_both_measures) {
  bench::comparison of({"a", "b"});
  for (const double value : {10.0, 50.0, 30.0}) of.add("m", "us", "a", value * 2);
  for (const double value : {10.0, 50.0, 30.0}) of.add("n", "us", "a", value);
  of.add("m", "us", "b", 1);
  of.add_ratio("m / n", "m", "n");
  of.add_ratio("m / none", "m", "none");
  ASSERT_EQ(of.rows().size(), 3u);
  EXPECT_DOUBLE_EQ(of.rows()[2].median("a"), 2.0);
  EXPECT_DOUBLE_EQ(of.rows()[2].noise(), 0.0);
  EXPECT_FALSE(of.rows()[2].rounds.contains("b"));
}

}  // namespace
