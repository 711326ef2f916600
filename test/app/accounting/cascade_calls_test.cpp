#include "app/accounting/cascade_calls.hpp"

#include <gtest/gtest.h>

#include <string>

namespace app {
namespace {

constexpr turn_of turn{"c", "request"};

exa::codeium_common_pb::ModelUsageStats stats(const std::string& response) {
  exa::codeium_common_pb::ModelUsageStats made;
  made.set_response_id(response);
  made.set_input_tokens(10);
  made.set_cache_read_tokens(4);
  made.set_output_tokens(7);
  made.set_thinking_output_tokens(2);
  (*made.mutable_response_header())["X-Cloudaicompanion-Trace-Id"] = "0xAB";
  return made;
}

void add_call(gemini_coder::Trajectory& to, std::uint32_t step, const std::string& response) {
  while (to.steps_size() <= static_cast<int>(step)) to.add_steps();
  to.mutable_steps(static_cast<int>(step))->mutable_metadata()->mutable_created_at()->set_seconds(100 + step);
  auto& made = *to.add_generator_metadata();
  made.add_step_indices(step);
  made.mutable_chat_model()->set_response_model("gemini-x");
  *made.mutable_chat_model()->mutable_usage() = stats(response);
}

TEST(cascade_calls, a_call_is_listed_with_its_tokens_and_ids) {
  gemini_coder::Trajectory main;
  main.set_trajectory_id("t");
  add_call(main, 1, "r");
  const auto found = calls_of(main, turn, 0);
  ASSERT_EQ(found.calls.size(), 1u);
  const auto& [call, made_at] = found.calls[0];
  EXPECT_EQ(call.conversation, "c");
  EXPECT_EQ(call.request_id, "request");
  EXPECT_EQ(call.trajectory_id, "t");
  EXPECT_EQ(call.response_id, "r");
  EXPECT_EQ(call.trace_id, "ab");
  EXPECT_EQ(call.model, "gemini-x");
  EXPECT_EQ(call.tokens, (usage::token_usage{10, 4, std::nullopt, 7, 2}));
  EXPECT_EQ(made_at, 101'000);
  ASSERT_EQ(found.trajectories.size(), 1u);
  EXPECT_EQ(found.trajectories[0].trajectory, "t");
  EXPECT_EQ(found.trajectories[0].cascade, "c");
}

TEST(cascade_calls, earlier_turns_are_left_out) {
  gemini_coder::Trajectory main;
  add_call(main, 1, "before");
  add_call(main, 4, "now");
  main.mutable_steps(1)->mutable_metadata()->add_retry_infos()->set_trace_id("1");
  const auto found = calls_of(main, turn, 3);
  ASSERT_EQ(found.calls.size(), 1u);
  EXPECT_EQ(found.calls[0].call.response_id, "now");
}

TEST(cascade_calls, refused_attempts_are_listed_by_trace_with_what_they_cost) {
  gemini_coder::Trajectory main;
  add_call(main, 1, "r");
  auto& chat = *main.mutable_generator_metadata(0)->mutable_chat_model();
  chat.add_retry_infos()->set_trace_id("0x1F");
  auto& costly = *chat.add_retry_infos();
  costly.set_trace_id("2");
  costly.mutable_usage()->set_input_tokens(5);
  const auto found = calls_of(main, turn, 0);
  ASSERT_EQ(found.calls.size(), 3u);
  EXPECT_EQ(found.calls[0].call.trace_id, "1f");
  EXPECT_TRUE(found.calls[0].call.failed_attempt);
  EXPECT_EQ(found.calls[0].call.tokens, usage::token_usage{});
  EXPECT_EQ(found.calls[1].call.tokens.input_uncached, 5);
}

TEST(cascade_calls, an_error_step_names_the_trace_of_its_call) {
  gemini_coder::Trajectory main;
  auto& step = *main.add_steps();
  step.mutable_error_message()->mutable_error()->set_full_error(
      "HTTP 429 Too Many\nSherlog: \nTraceID: 0x7b1\nHeaders: {}\n");
  const auto found = calls_of(main, turn, 0);
  ASSERT_EQ(found.calls.size(), 1u);
  EXPECT_EQ(found.calls[0].call.trace_id, "7b1");
}

TEST(cascade_calls, a_sub_agent_with_a_cascade_of_its_own_is_one_and_another_is_a_trajectory) {
  gemini_coder::Trajectory main;
  for (const char* own : {"child", "c"}) {
    auto& inner = *main.add_steps()->mutable_subtrajectory();
    inner.set_cascade_id(own);
    inner.set_trajectory_id(std::string("t-") + own);
    add_call(inner, 0, std::string("r-") + own);
  }
  const auto found = calls_of(main, turn, 0);
  ASSERT_EQ(found.sub_agents.size(), 2u);
  EXPECT_EQ(found.sub_agents[0].child, "child");
  EXPECT_TRUE(found.sub_agents[0].is_cascade);
  EXPECT_EQ(found.sub_agents[1].child, "t-c");
  EXPECT_FALSE(found.sub_agents[1].is_cascade);
  ASSERT_EQ(found.calls.size(), 2u);
  EXPECT_EQ(found.calls[0].call.conversation, "child");
  EXPECT_EQ(found.calls[1].call.conversation, "c");
}

TEST(cascade_calls, a_nest_of_sub_agents_ends) {
  gemini_coder::Trajectory main;
  auto* at = &main;
  for (int i = 0; i < 20; ++i) {
    at = at->add_steps()->mutable_subtrajectory();
    at->set_trajectory_id(std::to_string(i));
  }
  EXPECT_EQ(calls_of(main, turn, 0).sub_agents.size(), 8u);
}

TEST(cascade_calls, events_tell_usage_and_failures_and_nothing_else_does) {
  cascade::token_usage told;
  told.response_id = "r";
  told.input = 3;
  told.output = 9;
  ASSERT_EQ(calls_of(cascade::event(told), turn).size(), 1u);
  EXPECT_EQ(calls_of(cascade::event(told), turn)[0].tokens.output_total, 9);
  cascade::failed failure;
  failure.trace_id = "7b";
  ASSERT_EQ(calls_of(cascade::event(failure), turn).size(), 1u);
  EXPECT_EQ(calls_of(cascade::event(failure), turn)[0].trace_id, "7b");
  EXPECT_TRUE(calls_of(cascade::event(cascade::finished{}), turn).empty());
  EXPECT_TRUE(calls_of(cascade::event(cascade::text_delta{}), turn).empty());
}

}  // namespace
}  // namespace app
