// Turns through both simulators, as a client sees them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/sim/language_server/test/simulator_calls.hpp"

namespace sim::ls {
namespace {

using testing::HasSubstr;

/// The response texts of planner steps that a diff sets, in order: field 2, 2, 20, 1.
void collect_texts(const exa::reactive_component_pb::MessageDiff& diff, std::vector<std::uint32_t> path,
                   std::vector<std::string>& out) {
  for (const auto& field : diff.field_diffs()) {
    auto here = path;
    here.push_back(field.field_number());
    if (here == std::vector<std::uint32_t>{2, 2, 20, 1}) out.push_back(field.update_singular().string_value());
    collect_texts(field.update_singular().message_value(), here, out);
    for (const auto& value : field.update_repeated().update_values()) collect_texts(value.message_value(), here, out);
  }
}

const exa::reactive_component_pb::FieldDiff* find_field(const exa::reactive_component_pb::MessageDiff& diff,
                                                        std::uint32_t number) {
  for (const auto& field : diff.field_diffs())
    if (field.field_number() == number) return &field;
  return nullptr;
}

TEST_F(turns, reactive_diffs_grow_the_text_and_the_stream_ends_after_the_turn) {
  auto& ls = with("end_stream_after_turn");
  const auto id = start(ls);
  reactive_subscription following(ls, id, "s1");
  StreamReactiveUpdatesResponse response;
  ASSERT_TRUE(following.reader->Read(&response));
  EXPECT_EQ(response.version(), 1u);
  EXPECT_EQ(find_field(response.diff(), 1)->update_singular().string_value(), id);
  ASSERT_TRUE(send(ls, id, "hello [[sim:delay_ms=20]]").ok());
  std::vector<std::string> texts;
  std::uint64_t version = 1;
  while (following.reader->Read(&response)) {
    EXPECT_EQ(response.version(), ++version);
    collect_texts(response.diff(), {}, texts);
  }
  const auto status = following.reader->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_EQ(texts.back(), whole_text);
  EXPECT_TRUE(texts[1].starts_with(texts[0]));
}

TEST_F(turns, agent_state_sends_whole_steps_and_the_journal_knows_the_cascade) {
  auto& ls = with("");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello").ok());
  const auto steps = steps_after_turn(ls, id, "s1");
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].user_input().items(0).text(), "hello");
  EXPECT_EQ(steps[1].planner_response().response(), whole_text);
  EXPECT_EQ(steps[1].planner_response().thinking(), "Considering.");
  EXPECT_EQ(steps[1].status(), cortex::CORTEX_STEP_STATUS_DONE);
  EXPECT_THAT(provider.journal(), HasSubstr("\"conversation\":\"" + id + "\""));
  EXPECT_THAT(provider.journal(), HasSubstr(R"("requested_model":"gemini-3-flash-agent")"));
  EXPECT_TRUE(
      ls.running().line_with("http_helpers.go:123] URL: https://daily-cloudcode-pa.googleapis.com"
                             "/v1internal:streamGenerateContent?alt=sse Trace: 0x"));
}

TEST_F(turns, usage_is_told_in_the_language_servers_units) {
  auto& ls = with("");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello").ok());
  const auto steps = steps_after_turn(ls, id, "s1");
  const auto calls = calls_of(ls, id);
  ASSERT_EQ(calls.size(), 1u);
  const auto& usage = calls[0].chat_model().usage();
  EXPECT_EQ(calls[0].step_indices(0), 1u);
  EXPECT_EQ(calls[0].chat_model().response_model(), "gemini-3-flash-agent-001");
  EXPECT_EQ(usage.output_tokens(), usage.thinking_output_tokens() + usage.response_output_tokens());
  const auto numbers = "\"input_uncached\":" + std::to_string(usage.input_tokens()) +
                       ",\"cache_read\":" + std::to_string(usage.cache_read_tokens());
  EXPECT_THAT(provider.journal(), HasSubstr(numbers));
  EXPECT_THAT(provider.journal(), HasSubstr("\"output_total\":" + std::to_string(usage.output_tokens())));
  EXPECT_THAT(provider.journal(), HasSubstr("\"response_id\":\"" + usage.response_id() + "\""));
  EXPECT_EQ(steps[1].metadata().model_usage().response_id(), usage.response_id());
}

TEST_F(turns, a_gzip_answer_in_small_pieces_reads_the_same) {
  auto& ls = with("");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello [[sim:gzip=1,chop=7,interim=1]]").ok());
  EXPECT_EQ(steps_after_turn(ls, id, "s1").at(1).planner_response().response(), whole_text);
}

TEST_F(turns, a_message_to_a_busy_cascade_waits_its_turn) {
  auto& ls = with("");
  const auto id = start(ls);
  bool queued = true;
  ASSERT_TRUE(send(ls, id, "first [[ls:stall=1]]", &queued).ok());
  EXPECT_FALSE(queued);
  ASSERT_TRUE(send(ls, id, "second", &queued).ok());
  EXPECT_TRUE(queued);
  cancel(ls, id);
  std::vector<gemini_coder::Step> steps;
  // A moment of rest may be seen between the two turns.
  for (int i = 0; i < 100 && (steps.empty() || steps.back().planner_response().response() != whole_text); ++i)
    steps = steps_after_turn(ls, id, "s" + std::to_string(i));
  ASSERT_GE(steps.size(), 3u);
  EXPECT_TRUE(steps[steps.size() - 2].user_input().is_queued_message());
  EXPECT_EQ(steps.back().planner_response().response(), whole_text);
}

TEST_F(turns, a_cancelled_turn_ends_idle_with_its_step_cancelled) {
  auto& ls = with("");
  const auto id = start(ls);
  agent_subscription following(ls, id, "s1");
  ASSERT_TRUE(send(ls, id, "hello [[ls:stall=1]]").ok());
  StreamAgentStateUpdatesResponse response;
  bool generating = false;
  cortex::ExecutorTerminationReason reason{};
  while (following.reader->Read(&response)) {
    for (const auto& step : response.update().main_trajectory_update().steps_update().steps()) {
      if (step.status() == cortex::CORTEX_STEP_STATUS_GENERATING && !std::exchange(generating, true)) cancel(ls, id);
    }
    if (response.update().has_executor_metadata()) reason = response.update().executor_metadata().termination_reason();
    if (generating && response.update().fully_idle()) break;
  }
  following.call.TryCancel();
  EXPECT_EQ(reason, cortex::EXECUTOR_TERMINATION_REASON_USER_CANCELED);
  EXPECT_EQ(steps_after_turn(ls, id, "s2").at(1).status(), cortex::CORTEX_STEP_STATUS_CANCELED);
}

}  // namespace
}  // namespace sim::ls
