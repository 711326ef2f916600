#include "app/accounting/clock_check.hpp"

#include <gmock/gmock.h>

namespace app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr mitm::wall_time in_march = std::chrono::sys_days{2027y / std::chrono::March / 1};

TEST(clock_check, a_clock_from_before_the_program_is_wrong_and_the_words_say_what_to_type) {
  EXPECT_EQ(clock_complaint(in_march), "");
  const auto flat_battery = clock_complaint(mitm::wall_time(std::chrono::hours(1)));
  EXPECT_THAT(flat_battery, HasSubstr("1970-01-01"));
  EXPECT_THAT(flat_battery, HasSubstr("timedatectl set-ntp true"));
}

TEST(clock_check, a_leap_is_told_in_days) {
  EXPECT_EQ(leap_complaint(0ms), "");
  EXPECT_EQ(leap_complaint(23h), "");
  EXPECT_THAT(leap_complaint(24h), HasSubstr("by 1 day:"));
  EXPECT_THAT(leap_complaint(730 * 24h), HasSubstr("by 730 days:"));
  EXPECT_THAT(leap_complaint(20 * 24h - 3ms), HasSubstr("by 20 days:"));
}

TEST(clock_check, a_ca_is_valid_between_its_dates) {
  const mitm::validity valid{in_march - 24h, in_march + 24h};
  EXPECT_EQ(validity_complaint(valid, in_march), "");
  EXPECT_EQ(validity_complaint(valid, valid.from), "");
  const auto early = validity_complaint(valid, valid.from - 1s);
  EXPECT_THAT(early, HasSubstr("not valid before 2027-02-28"));
  EXPECT_THAT(early, HasSubstr("clock says 2027-02-27"));
  EXPECT_THAT(validity_complaint(valid, valid.until), HasSubstr("has expired on 2027-03-02"));
}

}  // namespace
}  // namespace app
