#include "usage/ledger/reports/time_slices.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

constexpr std::int64_t one_hour = 3'600'000;

TEST(time_slices, whole_hours_need_no_rows) {
  EXPECT_EQ(slice(time_range{7200, 14400}, 0), (time_slices{2, 4, 0, 0, 0, 0}));
}

TEST(time_slices, the_edges_are_rows) {
  EXPECT_EQ(slice(time_range{7201, 14403}, 0), (time_slices{3, 4, 7'201'000, 3 * one_hour, 4 * one_hour, 14'403'000}));
}

TEST(time_slices, a_range_inside_an_hour_is_rows_only) {
  EXPECT_EQ(slice(time_range{7201, 7203}, 0), (time_slices{3, 3, 7'201'000, 7'203'000, 0, 0}));
}

TEST(time_slices, a_range_over_one_boundary_is_two_edges) {
  EXPECT_EQ(slice(time_range{7199, 7201}, 0), (time_slices{2, 2, 7'199'000, 2 * one_hour, 2 * one_hour, 7'201'000}));
}

TEST(time_slices, an_hour_without_rows_counts_where_it_begins) {
  EXPECT_EQ(slice(time_range{7201, 14403}, 5 * one_hour), (time_slices{3, 5, 0, 0, 0, 0}));
  EXPECT_EQ(slice(time_range{7201, 7203}, 5 * one_hour), (time_slices{3, 3, 0, 0, 0, 0}));
  EXPECT_EQ(slice(time_range{7200, 7203}, 5 * one_hour), (time_slices{2, 3, 0, 0, 0, 0}));
}

TEST(time_slices, only_the_edge_without_rows_is_coarse) {
  EXPECT_EQ(slice(time_range{7201, 14403}, 3 * one_hour), (time_slices{3, 4, 0, 0, 4 * one_hour, 14'403'000}));
}

TEST(time_slices, a_range_that_ends_before_it_starts_is_empty) {
  EXPECT_EQ(slice(time_range{14400, 7200}, 0), (time_slices{4, 4, 0, 0, 0, 0}));
}

TEST(time_slices, whole_days_leave_the_hours_before_and_after) {
  EXPECT_EQ(days_of({.first_hour = 20, .last_hour = 75}), (day_slices{20, 24, 1, 3, 72, 75}));
  EXPECT_EQ(days_of({.first_hour = 24, .last_hour = 48}), (day_slices{24, 24, 1, 2, 48, 48}));
}

TEST(time_slices, hours_without_a_whole_day_between_stay_hours) {
  EXPECT_EQ(days_of({.first_hour = 20, .last_hour = 47}), (day_slices{20, 47, 0, 0, 0, 0}));
  EXPECT_EQ(days_of({.first_hour = 30, .last_hour = 30}), (day_slices{30, 30, 0, 0, 0, 0}));
}

TEST(time_slices, buckets_move_out_to_whole_ones) {
  const bucket_query whole = aligned({86401, 86402, bucket_width::day, true});
  EXPECT_EQ(whole.start, 86400);
  EXPECT_EQ(whole.end, 172800);
  EXPECT_TRUE(whole.by_model);
}

TEST(time_slices, minutes_come_from_rows_as_far_as_there_are_any) {
  EXPECT_EQ(slice(bucket_query{3600, 10860, bucket_width::minute, false}, 2 * one_hour),
            (time_slices{1, 2, 2 * one_hour, 10'860'000, 0, 0}));
}

}  // namespace
}  // namespace usage
