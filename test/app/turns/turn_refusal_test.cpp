#include "app/turns/turn_refusal.hpp"
#include "app/http/error_answer.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <boost/asio/error.hpp>

namespace app {
namespace {

using cascade::rpc_errc;

std::optional<std::string> field(const api_response& of, std::string_view name) {
  const auto found = std::ranges::find(of.headers, name, &std::pair<std::string, std::string>::first);
  return found == of.headers.end() ? std::nullopt : std::optional(found->second);
}

TEST(turn_refusal, a_server_that_is_not_there_may_be_asked_again_if_nothing_was_sent) {
  const auto before = to_response(refusal_of({rpc_errc::unavailable, "refused"}, false));
  EXPECT_EQ(before.status, 503u);
  EXPECT_EQ(field(before, "retry-after"), "1");
  EXPECT_EQ(field(before, "x-should-retry"), "true");
  const auto after = to_response(refusal_of({rpc_errc::unavailable, "gone"}, true));
  EXPECT_EQ(after.status, 502u);
  EXPECT_EQ(field(after, "x-should-retry"), "false");
}

TEST(turn_refusal, a_server_that_says_no_is_repeated_and_not_asked_again) {
  for (const bool sent : {false, true}) {
    const auto refusal = refusal_of({rpc_errc::unknown, "model not found: 7"}, sent);
    EXPECT_EQ(refusal.error.status, 500u);
    EXPECT_NE(refusal.error.message.find("model not found: 7"), std::string::npos);
    EXPECT_EQ(refusal.error.message.find("reachable"), std::string::npos);
    EXPECT_EQ(field(to_response(refusal), "x-should-retry"), "false");
  }
}

TEST(turn_refusal, a_quota_is_waited_for_unless_the_turn_began_and_a_size_is_not) {
  EXPECT_EQ(field(to_response(refusal_of({rpc_errc::resource_exhausted, "slow down"}, false)), "x-should-retry"),
            "true");
  const auto began = refusal_of({rpc_errc::resource_exhausted, "slow down"}, true);
  EXPECT_EQ(began.error.status, 429u);
  EXPECT_EQ(field(to_response(began), "x-should-retry"), "false");
  const auto large = refusal_of({rpc_errc::resource_exhausted, "Received message larger than max (9 vs. 8)"}, false);
  EXPECT_EQ(large.error.status, 500u);
  EXPECT_EQ(field(to_response(large), "x-should-retry"), "false");
}

TEST(turn_refusal, a_conversation_that_is_gone_or_busy_is_named_so) {
  const auto gone = refusal_of({rpc_errc::not_found, "c-1"}, false);
  EXPECT_EQ(gone.error.status, 404u);
  EXPECT_NE(gone.error.message.find("'c-1'"), std::string::npos);
  const auto lost = refusal_of({rpc_errc::unknown, "trajectory not found: c-2"}, true);
  EXPECT_EQ(lost.error.status, 404u);
  EXPECT_NE(lost.error.message.find("'c-2'"), std::string::npos);
  EXPECT_EQ(refusal_of({rpc_errc::failed_precondition, "it runs"}, false).error.status, 409u);
  EXPECT_EQ(refusal_of({boost::asio::error::timed_out, ""}, true).error.status, 504u);
}

}  // namespace
}  // namespace app
