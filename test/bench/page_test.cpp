#include "bench/page.hpp"

#include <gmock/gmock.h>

namespace {

using testing::HasSubstr;

bench::comparison two() {
  bench::comparison of({"floor", "<us>"});
  bench::histogram slow;
  bench::histogram fast;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    slow.record(i * 2000);
    fast.record(i * 1000);
  }
  of.add("latency", "floor", fast);
  of.add("latency", "<us>", slow);
  return of;
}

TEST(comparison, the_median_of_the_rounds_counts_and_the_noise_is_how_far_they_are_apart) {
  bench::comparison of({"a"});
  for (const double value : {10.0, 30.0, 12.0}) of.add("m", "us", "a", value);
  EXPECT_DOUBLE_EQ(of.rows().front().median("a"), 12.0);
  EXPECT_DOUBLE_EQ(of.rows().front().noise(), 20.0 / 12.0);
}

TEST(comparison, a_distribution_becomes_a_row_for_the_middle_and_one_for_the_tail) {
  const auto of = two();
  ASSERT_EQ(of.rows().size(), 2u);
  EXPECT_NEAR(of.rows()[0].median("floor"), 50, 1);
  EXPECT_NEAR(of.rows()[1].median("<us>"), 198, 2);
}

TEST(page, shows_every_contestant_with_its_ratio_and_a_curve_for_each) {
  const std::string page = page_of(two(), "floor", "Here.");
  EXPECT_THAT(page, HasSubstr("<small>1.00×</small>"));
  EXPECT_THAT(page, HasSubstr("<small>2.00×</small>"));
  EXPECT_THAT(page, HasSubstr("&lt;us>"));
  std::size_t curves = 0;
  for (auto at = page.find("<polyline"); at != page.npos; at = page.find("<polyline", at + 1)) ++curves;
  EXPECT_EQ(curves, 2u);
}

}  // namespace
