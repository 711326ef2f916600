#include "net/text/decimal.hpp"

#include <gtest/gtest.h>

namespace net::text {
namespace {

TEST(decimal, a_count_is_whole_and_believable) {
  EXPECT_EQ(parse_count("12"), 12);
  EXPECT_EQ(parse_count("12.0"), 12);
  EXPECT_EQ(parse_count("1.2e1"), 12);
  EXPECT_EQ(parse_count("0"), 0);
  EXPECT_EQ(parse_count("1152921504606846976"), max_count);
  for (const char* text : {"12.5", "-1", "", "x", "1x", "1152921504606846977", "99999999999999999999", "1e400", "1e-1"})
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
}

TEST(decimal, money_is_exact_to_the_last_place_and_rounded_behind_it) {
  EXPECT_EQ(parse_decimal("0.00153", 9), 1'530'000);
  EXPECT_EQ(parse_decimal("1.5e-05", 9), 15'000);
  EXPECT_EQ(parse_decimal("1.5E+2", 2), 15'000);
  EXPECT_EQ(parse_decimal("0.1", 9), 100'000'000);
  EXPECT_EQ(parse_decimal("0.00001234567", 9), 12'346);
  EXPECT_EQ(parse_decimal("0.0000000004", 9), 0);
  EXPECT_EQ(parse_decimal("0.0000000005", 9), 1);
  EXPECT_EQ(parse_decimal("1e-300", 9), 0);
  EXPECT_EQ(parse_decimal("7", 9), 7'000'000'000);
  EXPECT_EQ(parse_decimal("000.10", 1), 1);
  EXPECT_EQ(parse_decimal("0", 9), 0);
  for (const char* text : {"-0.1", "", ".", "1e", "1.2.3", "0.1x", "99999999999", "1e300"})
    EXPECT_EQ(parse_decimal(text, 9), std::nullopt) << text;
}

TEST(decimal, seconds_may_have_a_unit_and_a_fraction_and_no_date) {
  EXPECT_EQ(parse_seconds("6853.667s"), 6'853'667);
  EXPECT_EQ(parse_seconds("5"), 5'000);
  EXPECT_EQ(parse_seconds("0.0205s"), 21);
  EXPECT_EQ(parse_seconds("Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
  EXPECT_EQ(parse_seconds("99999999999"), std::nullopt);
}

}  // namespace
}  // namespace net::text
