#include "usage/limits/limit_event.hpp"

#include <gmock/gmock.h>

namespace usage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t now = 1'790'000'000'000;  // Unix ms

TEST(limit_event, a_codex_event_tells_what_the_header_fields_tell) {
  const auto windows = read_limit_event(
      R"({"type":"codex.rate_limits","plan_type":"plus","rate_limits":{"allowed":true,"limit_reached":false,)"
      R"("primary":{"used_percent":42.5,"window_minutes":300,"reset_at":1790003600},"secondary":null},)"
      R"("code_review_rate_limits":null,"credits":{"has_credits":true,"unlimited":false,"balance":"9"},"promo":null})",
      now);
  limit_window primary{.name = "codex primary"};
  primary.used = 42'500;
  primary.minutes = 300;
  primary.reset = now + 3'600'000;
  limit_window credits{.name = "codex credits"};
  credits.status = "balance 9";
  EXPECT_THAT(windows, ElementsAre(primary, credits));
}

TEST(limit_event, another_limit_has_a_name_of_its_own) {
  const auto of = [](const std::string& name) {
    const auto found =
        read_limit_event(R"({"metered_limit_name":")" + name +
                             R"(","rate_limits":{"primary":{"used_percent":7}},"type":"codex.rate_limits"})",
                         now);
    return found.empty() ? std::string() : found.front().name;
  };
  EXPECT_EQ(of("codex"), "codex primary");
  EXPECT_EQ(of("codex_bengalfox"), "codex bengalfox-primary");
  EXPECT_EQ(of("GPT-reserve"), "gpt-reserve primary");
  EXPECT_EQ(of(std::string(60, 'x')), "") << "too long";
}

TEST(limit_event, anything_else_is_none) {
  for (const char* other :
       {"", "{", "[]", R"({"type":"response.completed","rate_limits":{"primary":{"used_percent":7}}})",
        R"({"type":"codex.rate_limits"})", R"({"type":"codex.rate_limits","rate_limits":7})",
        R"({"type":"codex.rate_limits","rate_limits":{"primary":{"used_percent":"much"}}})"})
    EXPECT_THAT(read_limit_event(other, now), IsEmpty()) << other;
}

}  // namespace
}  // namespace usage
