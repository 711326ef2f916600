#include "usage/limits/limit_headers.hpp"

#include <string>

#include <gmock/gmock.h>

namespace usage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t now = 1'790'000'000'000;  // Unix ms

std::string shown(const std::optional<std::int64_t>& value) {
  return value ? std::to_string(*value) : "-";
}

/// "name used limit left reset-from-now minutes status", with "*" behind the name of a model's limit.
std::string shown(const limit_window& w) {
  const auto after = w.reset ? std::optional(*w.reset - now) : std::nullopt;
  return w.name + (w.of_model ? "* " : " ") + shown(w.used) + ' ' + shown(w.limit) + ' ' + shown(w.left) + ' ' +
         shown(after) + ' ' + shown(w.minutes) + " [" + w.status + ']';
}

std::vector<std::string> read(std::string lines) {
  std::string head;
  for (const char c : lines) head += c == '\n' ? std::string("\r\n") : std::string(1, c);
  std::vector<std::string> all;
  for (const auto& each : read_limit_headers(net::wire::header_fields(head), now)) all.push_back(shown(each));
  return all;
}

TEST(limit_headers, claude_subscriptions_tell_shares_of_windows) {
  EXPECT_THAT(read("anthropic-ratelimit-unified-status: allowed_warning\n"
                   "anthropic-ratelimit-unified-5h-status: allowed\n"
                   "anthropic-ratelimit-unified-5h-reset: 1790003600\n"
                   "anthropic-ratelimit-unified-5h-utilization: 0.0234\n"
                   "anthropic-ratelimit-unified-7d-status: allowed_warning\n"
                   "anthropic-ratelimit-unified-7d-reset: 1790400000\n"
                   "anthropic-ratelimit-unified-7d-utilization: 0.79\n"
                   "anthropic-ratelimit-unified-7d-surpassed-threshold: 0.75\n"
                   "anthropic-ratelimit-unified-7d_opus-utilization: 1.02\n"
                   "anthropic-ratelimit-unified-representative-claim: seven_day\n"
                   "anthropic-ratelimit-unified-fallback: available\n"
                   "anthropic-ratelimit-unified-fallback-percentage: 0.5\n"
                   "anthropic-ratelimit-unified-reset: 1790400000\n"
                   "anthropic-ratelimit-unified-overage-status: rejected\n"
                   "anthropic-ratelimit-unified-overage-disabled-reason: org_level_disabled\n"
                   "anthropic-organization-id: 0d1c\n"),
              ElementsAre("unified - - - 400000000 - [allowed_warning, by seven_day, fallback available]",
                          "5h 2340 - - 3600000 300 [allowed]", "7d 79000 - - 400000000 10080 [allowed_warning]",
                          "7d_opus 102000 - - - 10080 []", "overage - - - - - [rejected, org_level_disabled]"));
}

TEST(limit_headers, anthropic_counts_requests_and_tokens_of_a_model) {
  EXPECT_THAT(read("anthropic-ratelimit-requests-limit: 4000\n"
                   "anthropic-ratelimit-requests-remaining: 3999\n"
                   "anthropic-ratelimit-requests-reset: 2026-09-21T14:13:21Z\n"
                   "anthropic-ratelimit-input-tokens-limit: 2000000\n"
                   "anthropic-ratelimit-input-tokens-remaining: 1999000\n"
                   "anthropic-ratelimit-input-tokens-reset: 2026-09-21T14:13:25Z\n"
                   "Anthropic-Priority-Output-Tokens-Limit: 10000\n"
                   "Anthropic-Priority-Output-Tokens-Remaining: 9618\n"),
              ElementsAre("requests* - 4000 3999 1000 - []", "input-tokens* - 2000000 1999000 5000 - []",
                          "priority-output-tokens* - 10000 9618 - - []"));
}

TEST(limit_headers, codex_tells_percents_of_windows_and_credits) {
  EXPECT_THAT(read("x-codex-plan-type: plus\n"
                   "x-codex-primary-used-percent: 42.5\n"
                   "x-codex-secondary-used-percent: 13\n"
                   "x-codex-primary-window-minutes: 300\n"
                   "x-codex-primary-over-secondary-limit-percent: 0\n"
                   "x-codex-secondary-window-minutes: 10080\n"
                   "x-codex-primary-reset-after-seconds: 3599\n"
                   "x-codex-primary-reset-at: 1790003600\n"
                   "x-codex-secondary-reset-after-seconds: 86400\n"
                   "x-codex-bengalfox-primary-used-percent: 7\n"
                   "x-codex-bengalfox-limit-name: GPT-5.3-Codex-Spark\n"
                   "x-codex-credits-has-credits: True\n"
                   "x-codex-credits-balance: 12.50\n"
                   "x-codex-credits-unlimited: False\n"),
              ElementsAre("codex primary 42500 - - 3600000 300 []", "codex secondary 13000 - - 86400000 10080 []",
                          "codex bengalfox-primary 7000 - - - - []", "codex credits - - - - - [balance 12.50]"));
}

TEST(limit_headers, a_codex_window_that_the_account_does_not_have_is_none) {
  EXPECT_THAT(read("x-codex-secondary-used-percent: 0\n"
                   "x-codex-secondary-window-minutes: 0\n"
                   "x-codex-secondary-reset-at: 0\n"
                   "x-codex-credits-has-credits: False\n"),
              ElementsAre("codex credits - - - - - [no credits]"));
}

TEST(limit_headers, openai_and_its_likenesses_count_by_model) {
  EXPECT_THAT(read("x-ratelimit-limit-requests: 10000\n"
                   "x-ratelimit-limit-tokens: 30000000\n"
                   "x-ratelimit-remaining-requests: 9999\n"
                   "x-ratelimit-remaining-tokens: 29999984\n"
                   "x-ratelimit-reset-requests: 6ms\n"
                   "x-ratelimit-reset-tokens: 6m0s\n"),
              ElementsAre("requests* - 10000 9999 6 - []", "tokens* - 30000000 29999984 360000 - []"));
  // Groq and Cerebras
  EXPECT_THAT(read("x-ratelimit-reset-requests: 2m59.56s\n"
                   "x-ratelimit-limit-tokens-minute: 60000\n"
                   "x-ratelimit-reset-tokens-minute: 11.382867\n"
                   "x-ratelimit-limit-requests-day: 14400\n"),
              ElementsAre("requests* - - - 179560 - []", "tokens-minute* - 60000 - 11382 1 []",
                          "requests-day* - 14400 - - 1440 []"));
  // OpenRouter, Together and Fireworks
  EXPECT_THAT(read("X-RateLimit-Limit: 20\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1790000060000\n"),
              ElementsAre("requests* - 20 0 60000 - []"));
  EXPECT_THAT(read("x-tokenlimit-limit: 500\nx-tokenlimit-remaining: 400\nx-ratelimit-over-limit: no\n"),
              ElementsAre("tokens* - 500 400 - - []"));
  // Azure
  EXPECT_THAT(read("x-ratelimit-remaining-requests: 249\nx-ratelimit-reset-requests: 1\n"),
              ElementsAre("requests* - - 249 1000 - []"));
}

TEST(limit_headers, mistral_limits_by_size) {
  EXPECT_THAT(read("ratelimitbysize-limit: 500000\n"
                   "ratelimitbysize-remaining: 499900\n"
                   "ratelimitbysize-reset: 44\n"
                   "ratelimitbysize-query-cost: 100\n"
                   "x-ratelimitbysize-limit-month: 1000000000\n"
                   "x-ratelimit-limit-req-minute: 60\n"),
              ElementsAre("tokens* - 500000 499900 44000 - []", "tokens-month* - 1000000000 - - - []",
                          "req-minute* - 60 - - 1 []"));
}

TEST(limit_headers, copilot_tells_a_snapshot_of_each_quota) {
  EXPECT_THAT(read("x-quota-snapshot-chat: ent=-1&ov=0.0&ovPerm=true&rem=100.0&rst=2026-10-01T00%3A00%3A00Z\n"
                   "x-quota-snapshot-premium_interactions: ent=300&ov=2.5&ovPerm=true&rem=92.3&rst=\n"
                   "x-usage-ratelimit-session: rem=5.7&rst=2026-09-21T15%3A13%3A20Z\n"),
              ElementsAre("copilot chat 0 - - 812800000 - [unlimited]",
                          "copilot premium_interactions 7700 300 - - - [overage 2.5]",
                          "copilot session 94300 - - 3600000 - []"));
}

TEST(limit_headers, what_cannot_be_understood_is_left_out) {
  EXPECT_THAT(read("x-ratelimit-limit-requests: many\nx-ratelimit-remaining-requests: -1\n"), IsEmpty());
  EXPECT_THAT(read("x-ratelimit-limit-requests: 10, 20\nx-ratelimit-remaining-requests: 9\n"),
              ElementsAre("requests* - - 9 - - []"));
  EXPECT_THAT(read("anthropic-ratelimit-unified-5h-utilization: 1e-05\n"
                   "anthropic-ratelimit-unified-5h-reset: never\n"
                   "anthropic-ratelimit-unified-5h-status: al\xc3\xa4\x80lowed\n"
                   "anthropic-ratelimit-unified-7d-utilization: 99999\n"),
              IsEmpty());
  EXPECT_THAT(read("x-quota-snapshot-chat: rem=101&ent=x&ov=no&%%%\n"), IsEmpty());
}

TEST(limit_headers, the_first_of_equal_fields_counts) {
  EXPECT_THAT(read("x-ratelimit-limit-requests: 1\nx-ratelimit-limit-requests: 2\n"),
              ElementsAre("requests* - 1 - - - []"));
}

TEST(limit_headers, names_and_words_of_windows_are_bounded) {
  EXPECT_THAT(read("x-ratelimit-limit-" + std::string(limit_window::max_name, 'a') + ": 1\n"),
              ElementsAre(std::string(limit_window::max_name, 'a') + "* - 1 - - - []"));
  EXPECT_THAT(read("x-ratelimit-limit-" + std::string(limit_window::max_name + 1, 'a') + ": 1\n"), IsEmpty());
  EXPECT_THAT(read("x-ratelimit-limit-a!b: 1\n"), IsEmpty());
  EXPECT_THAT(read("anthropic-ratelimit-unified-5h-status: " + std::string(limit_window::max_status, 'a') + "\n"),
              ElementsAre("5h - - - - 300 [" + std::string(limit_window::max_status, 'a') + "]"));
  EXPECT_THAT(read("anthropic-ratelimit-unified-5h-status: " + std::string(limit_window::max_status + 1, 'a') + "\n"),
              IsEmpty());
}

TEST(limit_headers, an_answer_has_a_bounded_number_of_windows) {
  std::string lines;
  for (std::size_t i = 0; i < max_windows_of_answer + 5; ++i)
    lines += "x-ratelimit-limit-w" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(read(lines).size(), max_windows_of_answer);
}

TEST(limit_headers, other_fields_are_none) {
  EXPECT_THAT(read("content-type: application/json\n"
                   "retry-after: 3\n"
                   "x-ratelimit-: 5\n"
                   "x-ratelimit-used: 5\n"
                   "x-ratelimit-resource: core\n"
                   "x-codex-primary-used-percentage: 5\n"
                   "anthropic-ratelimit-limit: 5\n"
                   "x-request-id: req_1\n"),
              IsEmpty());
}

}  // namespace
}  // namespace usage
