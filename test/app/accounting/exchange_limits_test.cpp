#include "app/accounting/exchange_limits.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t answered_at = 1'790'000'000'000;  // Unix ms
constexpr const char* limited_host = "api.anthropic.com";

class exchange_limits_test : public testing::Test {
 protected:
  exchange_limits begin(const std::string& lines = "x-api-key: sk-1\r\n") {
    const std::string head = "POST /v1/messages HTTP/1.1\r\n" + lines + "\r\n";
    return {watch_, usage::provider::anthropic, *net::wire::parse_request_head(head)};
  }
  static void respond(exchange_limits& limits, const std::string& lines) {
    limits.on_response(limited_host, *net::wire::parse_response_head("HTTP/1.1 200 OK\r\n" + lines + "\r\n"),
                       answered_at);
  }
  static usage::usage_record record(const std::string& model, usage::call_kind kind = usage::call_kind::model) {
    usage::usage_record made;
    made.host = limited_host;
    made.requested_model = model;
    made.kind = kind;
    return made;
  }
  /// "window/model".
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& each : told_) all.push_back(each.window.name + "/" + each.model);
    return all;
  }

  account_key key_{"secret"};
  std::vector<usage::account_window> told_;
  limit_watch watch_{&key_, [this](usage::account_window&& window) { told_.push_back(std::move(window)); }};
};

TEST_F(exchange_limits_test, a_limit_of_the_account_is_told_with_the_head_of_the_answer) {
  auto limits = begin();
  respond(limits, "anthropic-ratelimit-unified-5h-utilization: 0.5\r\n");
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].host, limited_host);
  EXPECT_EQ(told_[0].model, "");
  EXPECT_EQ(told_[0].provider, usage::provider::anthropic);
  EXPECT_EQ(told_[0].window.used, 50'000);
  EXPECT_EQ(told_[0].seen_at, answered_at);
  EXPECT_EQ(told_[0].account.size(), 16u);
  limits.on_end(record("claude"));
  EXPECT_EQ(told_.size(), 1u);
}

TEST_F(exchange_limits_test, a_limit_of_a_model_is_told_at_the_end_with_its_model) {
  auto limits = begin();
  respond(limits, "anthropic-ratelimit-requests-limit: 50\r\n");
  EXPECT_THAT(told_, IsEmpty());
  limits.on_end(record("claude"));
  EXPECT_THAT(names(), ElementsAre("requests/claude"));
  EXPECT_EQ(told_[0].seen_at, answered_at);
  limits.on_end(record("claude"));
  EXPECT_EQ(told_.size(), 1u);
}

TEST_F(exchange_limits_test, counting_tokens_has_limits_of_its_own) {
  auto limits = begin();
  respond(limits, "anthropic-ratelimit-requests-limit: 50\r\n");
  limits.on_end(record("claude", usage::call_kind::count_tokens));
  EXPECT_THAT(names(), ElementsAre("count_tokens requests/claude"));
}

TEST_F(exchange_limits_test, a_limit_of_a_model_that_is_not_known_is_not_told) {
  auto limits = begin();
  respond(limits, "x-ratelimit-limit-requests: 50\r\n");
  limits.on_end(record(""));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(exchange_limits_test, the_same_key_is_one_account_and_none_is_a_dash) {
  for (const char* lines : {"x-api-key: sk-1\r\n", "Authorization: Bearer sk-1\r\n", "x-api-key: sk-2\r\n", ""}) {
    auto limits = begin(lines);
    respond(limits, "x-codex-primary-used-percent: 5\r\n");
  }
  ASSERT_EQ(told_.size(), 4u);
  EXPECT_EQ(told_[0].account, told_[1].account);
  EXPECT_NE(told_[0].account, told_[2].account);
  EXPECT_EQ(told_[3].account, "-");
}

TEST_F(exchange_limits_test, where_nobody_wants_to_know_nothing_is_read) {
  const limit_watch none;
  exchange_limits limits(none, usage::provider::unknown,
                         *net::wire::parse_request_head("GET / HTTP/1.1\r\nx-api-key: a\r\n\r\n"));
  respond(limits, "x-codex-primary-used-percent: 5\r\nx-ratelimit-limit-requests: 5\r\n");
  limits.on_end(record("m"));
}

}  // namespace
}  // namespace app
