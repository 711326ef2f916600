#include "usage/limits/limit_values.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

constexpr std::int64_t now = 1'790'000'000'000;  // Unix ms
constexpr std::int64_t day = 86'400'000;
constexpr auto nothing = std::nullopt;

TEST(limit_values, a_count_is_digits_and_nothing_else) {
  EXPECT_EQ(read_count("0"), 0);
  EXPECT_EQ(read_count("150000"), 150'000);
  for (const char* wrong :
       {"", "-1", "+5", "1.5", "12 ", "1e6", "unlimited", "9999999999999999", "99999999999999999999"})
    EXPECT_EQ(read_count(wrong), nothing) << wrong;
}

TEST(limit_values, a_decimal_is_exact_and_cut_off) {
  EXPECT_EQ(read_decimal("0.0234", 5), 2340);
  EXPECT_EQ(read_decimal("42", 3), 42'000);
  EXPECT_EQ(read_decimal("12.3456", 3), 12'345);
  for (const char* wrong : {"", ".", "1.", ".5", "-0.1", "1e-05", "NaN", "1.2.3", "12%"})
    EXPECT_EQ(read_decimal(wrong, 3), nothing) << wrong;
}

TEST(limit_values, durations_are_those_of_go_and_bare_seconds) {
  EXPECT_EQ(read_duration("6m0s"), 360'000);
  EXPECT_EQ(read_duration("1s"), 1000);
  EXPECT_EQ(read_duration("20ms"), 20);
  EXPECT_EQ(read_duration("7.66s"), 7660);
  EXPECT_EQ(read_duration("1d2h3m4.5s"), day + 2 * 3'600'000 + 184'500);
  EXPECT_EQ(read_duration("150µs"), 0);
  EXPECT_EQ(read_duration("2min"), 120'000);
  EXPECT_EQ(read_duration("33011.382867"), 33'011'382);
  for (const char* wrong : {"", "s", "5y", "1m-2s", "soon", "1s ", "99999d", "-5"})
    EXPECT_EQ(read_duration(wrong), nothing) << wrong;
}

TEST(limit_values, a_moment_is_a_date_or_unix_time) {
  EXPECT_EQ(read_moment("1790000360", now), now + 360'000);
  EXPECT_EQ(read_moment("1790000360.5", now), now + 360'500);
  EXPECT_EQ(read_moment("1790000360123", now), now + 360'123);
  EXPECT_EQ(read_moment("2026-09-21T13:33:20Z", now), 1'789'997'600'000);
  EXPECT_EQ(read_moment("2026-09-21T15:33:20.25+02:00", now), 1'789'997'600'250);
  for (const char* wrong :
       {"", "0", "300", "17900003600000000", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-09-21",
        "2026-09-21T14:13:20", "2099-01-01T00:00:00Z", "1990-01-01T00:00:00Z", "soon"})
    EXPECT_EQ(read_moment(wrong, now), nothing) << wrong;
}

TEST(limit_values, a_reset_is_a_moment_or_a_time_from_now) {
  EXPECT_EQ(read_reset("1790000360", now), now + 360'000);
  EXPECT_EQ(read_reset("44", now), now + 44'000);
  EXPECT_EQ(read_reset("6m0s", now), now + 360'000);
  EXPECT_EQ(read_reset("2026-09-21T13:33:20Z", now), 1'789'997'600'000);
  EXPECT_EQ(read_reset("99999999999", now), nothing) << "neither";
  EXPECT_EQ(read_reset("tomorrow", now), nothing);
}

}  // namespace
}  // namespace usage
