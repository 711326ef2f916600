#include "bench/common/page.hpp"

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

TEST(page, shows_every_contestant_with_its_ratio_and_a_curve_for_each) {
  const std::string page = page_of("Speed & cost", two(), "floor", "Here.");
  EXPECT_THAT(page, HasSubstr("<small>1.00×</small>"));
  EXPECT_THAT(page, HasSubstr("<small>2.00×</small>"));
  EXPECT_THAT(page, HasSubstr("&lt;us>"));
  EXPECT_THAT(page, HasSubstr("<h1>Speed &amp; cost</h1>"));
  std::size_t curves = 0;
  for (auto at = page.find("<polyline"); at != page.npos; at = page.find("<polyline", at + 1)) ++curves;
  EXPECT_EQ(curves, 2u);
}

TEST(page, says_what_must_be_reached) {
  auto of = two();
  of.must_reach("latency, p50", {"<us>", 20});
  EXPECT_THAT(page_of("", of, "floor", ""), HasSubstr("<td>&lt;= 20 us, MISSED</td>"));
}

}  // namespace
