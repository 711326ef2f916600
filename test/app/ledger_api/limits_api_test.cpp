#include "app/ledger_api/limits_api.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace app {
namespace {

constexpr std::int64_t rendered_at = 1'790'000'000'000;  // Unix ms

usage::account_window five_hours() {
  usage::account_window made;
  made.account = "00ff00ff00ff00ff";
  made.host = "api.anthropic.com";
  made.provider = usage::provider::anthropic;
  made.window.name = "5h";
  made.window.used = 2500;
  made.window.reset = rendered_at + 3'600'000;
  made.window.minutes = 300;
  made.window.status = "allowed";
  made.since = rendered_at - 60'000;
  made.seen_at = rendered_at - 1000;
  return made;
}

TEST(limits_api, a_window_is_told_with_all_that_is_known) {
  const auto document = render_limits({{five_hours()}, false}, rendered_at);
  EXPECT_EQ(boost::json::value(document), boost::json::parse(R"({"object":"list","data":[{"object":"limit",
    "account":"00ff00ff00ff00ff","host":"api.anthropic.com","provider":"anthropic","model":null,"window":"5h",
    "used_percent":2.5,"limit":null,"remaining":null,"resets_at":1790003600,"window_minutes":300,"status":"allowed",
    "seen_at":1789999999,"since":1789999940,"expired":false}]})"));
}

TEST(limits_api, what_is_used_of_a_count_is_worked_out) {
  auto tokens = five_hours();
  tokens.model = "m";
  tokens.window = {.name = "tokens", .of_model = true, .limit = 400, .left = 300};
  const auto told = render_limits({{tokens}, false}, rendered_at).at("data").at(0);
  EXPECT_EQ(told.at("used_percent").as_double(), 25);
  EXPECT_EQ(told.at("limit").as_int64(), 400);
  EXPECT_EQ(told.at("remaining").as_int64(), 300);
  EXPECT_EQ(told.at("model").as_string(), "m");
  EXPECT_FALSE(told.at("expired").as_bool());
}

TEST(limits_api, of_a_window_whose_reset_has_passed_nothing_is_said_that_may_be_wrong) {
  auto window = five_hours();
  window.window.limit = 400;
  window.window.left = 300;
  const auto told = render_limits({{window}, false}, *window.window.reset).at("data").at(0);
  EXPECT_TRUE(told.at("expired").as_bool());
  EXPECT_TRUE(told.at("used_percent").is_null());
  EXPECT_TRUE(told.at("remaining").is_null());
  EXPECT_TRUE(told.at("status").is_null());
  EXPECT_EQ(told.at("limit").as_int64(), 400);
}

TEST(limits_api, changes_are_told_as_they_were_with_their_ids) {
  auto change = five_hours();
  change.window.reset = rendered_at - 3'600'000;
  change.id = 7;
  const auto document = render_limit_changes({{change}, true});
  EXPECT_TRUE(document.at("has_more").as_bool());
  EXPECT_EQ(document.at("last_id").as_int64(), 7);
  const auto& told = document.at("data").at(0).as_object();
  EXPECT_EQ(told.at("id").as_int64(), 7);
  EXPECT_EQ(told.at("used_percent").as_double(), 2.5);
  EXPECT_FALSE(told.contains("since"));
  EXPECT_FALSE(told.contains("expired"));
  EXPECT_TRUE(render_limit_changes({}).at("last_id").is_null());
}

}  // namespace
}  // namespace app
