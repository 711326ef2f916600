#include "app/metrics/histogram.hpp"

#include <gtest/gtest.h>

namespace app {
namespace {

constexpr std::uint64_t bounds[] = {10, 100};
constexpr histogram_shape seconds_shape{bounds, 1000};

std::string rendered(const histogram& values) {
  exposition out;
  out.family("h", exposition::type_of::histogram, "help");
  values.render(out, {{"l", "v"}});
  return std::move(out).take();
}

TEST(histogram, buckets_are_cumulative_inclusive_and_in_the_unit_of_the_name) {
  histogram values(seconds_shape);
  EXPECT_TRUE(values.empty());
  for (const auto value : {0u, 10u, 11u, 100u, 101u}) values.record(value);
  EXPECT_FALSE(values.empty());
  EXPECT_EQ(rendered(values),
            "# HELP h help\n# TYPE h histogram\n"
            "h_bucket{l=\"v\",le=\"0.01\"} 2\nh_bucket{l=\"v\",le=\"0.1\"} 4\nh_bucket{l=\"v\",le=\"+Inf\"} 5\n"
            "h_sum{l=\"v\"} 0.222\nh_count{l=\"v\"} 5\n");
}

TEST(histogram, label_values_and_help_are_escaped) {
  exposition out;
  out.family("m", exposition::type_of::gauge, "a\\b\n\"c\"");
  out.sample({{"l", "a\\b\n\"c\""}}, std::uint64_t{1});
  EXPECT_EQ(std::move(out).take(), "# HELP m a\\\\b\\n\"c\"\n# TYPE m gauge\nm{l=\"a\\\\b\\n\\\"c\\\"\"} 1\n");
}

}  // namespace
}  // namespace app
