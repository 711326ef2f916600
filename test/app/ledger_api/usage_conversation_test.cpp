#include "app/ledger_api/usage_conversation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace app {
namespace {

usage::usage_record row(std::string response, std::int64_t step, std::string trajectory = "t") {
  usage::usage_record made;
  made.kind = usage::call_kind::model;
  made.status = usage::record_status::complete;
  made.requested_model = "gemini";
  made.request_kind = "agent";
  made.response_id = std::move(response);
  made.step = step;
  made.trajectory_id = trajectory;
  made.logical_request = trajectory + "/" + std::to_string(step);
  made.tokens.input_uncached = 10;
  made.tokens.output_total = 4;
  made.started_at = 150;
  return made;
}

usage::conversation_record record() {
  usage::conversation_record made;
  made.id = "c";
  made.totals.requests = 5;
  made.turns.push_back({"c", "request", 0, 100, 900, 30, "stop"});
  made.sub_agents.push_back({"t2", {}});
  auto refused = row("", 1);
  refused.status = usage::record_status::error;
  refused.tokens = {};
  auto answered = row("r1", 1);
  answered.attempt = 1;
  auto title = row("title", 0, "");
  title.step.reset();
  title.logical_request.clear();
  title.request_kind = "checkpoint";
  auto other = title;
  other.kind = usage::call_kind::other;
  made.rows = {refused, answered, row("r2", 3), row("r3", 1, "t2"), title, other};
  return made;
}

TEST(usage_conversation, a_turn_has_its_calls_with_their_attempts_and_its_times) {
  const auto document = render_conversation(record());
  EXPECT_EQ(document.at("id"), "c");
  EXPECT_EQ(document.at("parent"), nullptr);
  const auto& turn = document.at("turns").at(0);
  EXPECT_EQ(turn.at("request_id"), "request");
  EXPECT_EQ(turn.at("first_token_ms"), 30);
  EXPECT_EQ(turn.at("total_ms"), 800);
  EXPECT_EQ(turn.at("outcome"), "stop");
  EXPECT_EQ(turn.at("calls").as_array().size(), 3u);
  const auto& first = turn.at("calls").at(0);
  EXPECT_EQ(first.at("logical_request"), "t/1");
  EXPECT_EQ(first.at("attempts").as_array().size(), 2u);
  EXPECT_EQ(first.at("usage").at("errors"), 1);
  EXPECT_EQ(first.at("usage").at("retries"), 1);
}

TEST(usage_conversation, a_turn_counts_its_sub_agents_apart) {
  const auto document = render_conversation(record());
  const auto& turn = document.at("turns").at(0);
  EXPECT_EQ(turn.at("usage").at("input_tokens"), 20);
  EXPECT_EQ(turn.at("sub_agent_usage").at("input_tokens"), 10);
  EXPECT_EQ(document.at("sub_agents").at(0).at("conversation"), "t2");
}

TEST(usage_conversation, calls_of_no_turn_stand_apart_and_kinds_and_models_are_summed) {
  const auto document = render_conversation(record());
  ASSERT_EQ(document.at("other_calls").as_array().size(), 1u);
  EXPECT_EQ(document.at("other_calls").at(0).at("request_kind"), "checkpoint");
  EXPECT_EQ(document.at("models").at(0).at("model"), "gemini");
  EXPECT_EQ(document.at("models").at(0).at("requests"), 5);
  EXPECT_EQ(document.at("request_kinds").as_array().size(), 2u);
}

TEST(usage_conversation, a_turn_that_goes_on_has_no_end) {
  auto going = record();
  going.turns[0].ended_at.reset();
  going.turns[0].outcome.clear();
  const auto document = render_conversation(going);
  EXPECT_EQ(document.at("turns").at(0).at("total_ms"), nullptr);
  EXPECT_EQ(document.at("turns").at(0).at("outcome"), nullptr);
}

}  // namespace
}  // namespace app
