// What the switches make of a turn, as a client sees it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/sim/language_server/test/simulator_calls.hpp"
#include "test/support/until.hpp"

namespace sim::ls {
namespace {

using testing::HasSubstr;

TEST_F(turns, a_command_waits_for_permission_and_runs_when_it_is_given) {
  auto& ls = with("");
  const auto id = start(ls);
  agent_subscription following(ls, id, "s1");
  ASSERT_TRUE(send(ls, id, "hello [[ls:waiting]]").ok());
  StreamAgentStateUpdatesResponse response;
  rpc::HandleCascadeUserInteractionRequest request;
  request.set_cascade_id(id);
  request.mutable_interaction()->mutable_run_command()->set_confirm(true);
  rpc::HandleCascadeUserInteractionResponse ignored;
  bool asked = false;
  while (!asked && following.reader->Read(&response)) {
    const auto& changed = response.update().main_trajectory_update().steps_update();
    for (int i = 0; i < changed.steps_size(); ++i) {
      if (changed.steps(i).status() != cortex::CORTEX_STEP_STATUS_WAITING) continue;
      asked = true;
      EXPECT_TRUE(changed.steps(i).has_requested_interaction());
      request.mutable_interaction()->set_step_index(changed.indices(i));
    }
  }
  ASSERT_TRUE(asked);
  call_context call;
  ASSERT_TRUE(ls.stub->HandleCascadeUserInteraction(&call, request, &ignored).ok());
  following.call.TryCancel();
  const auto steps = steps_after_turn(ls, id, "s2");
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_EQ(steps[2].status(), cortex::CORTEX_STEP_STATUS_DONE);
  EXPECT_EQ(steps[3].planner_response().response(), whole_text);
  call_context again;
  EXPECT_EQ(ls.stub->HandleCascadeUserInteraction(&again, request, &ignored).error_message(),
            "input not registered for step 2");
}

TEST_F(turns, attempts_that_the_provider_refuses_are_made_again_and_told) {
  auto& ls = with("");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello [[ls:retries=2,retry_ms=1]]").ok());
  EXPECT_EQ(steps_after_turn(ls, id, "s1").at(1).planner_response().response(), whole_text);
  const auto calls = calls_of(ls, id);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].chat_model().retries(), 2u);
  ASSERT_EQ(calls[0].chat_model().retry_infos_size(), 2);
  EXPECT_THAT(provider.journal(),
              HasSubstr("\"trace_id\":\"" + calls[0].chat_model().retry_infos(0).trace_id() + "\""));
  EXPECT_TRUE(ls.running().line_with("Encountered retryable api error. retrying in 1ms ..."));
}

TEST_F(turns, a_used_up_quota_ends_the_turn_in_an_error_of_the_known_layout) {
  auto& ls = with("");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello [[sim:status=429]]").ok());
  const auto steps = steps_after_turn(ls, id, "s1");
  ASSERT_EQ(steps.size(), 2u);
  const auto& error = steps[1].error_message().error();
  EXPECT_THAT(error.short_error(), HasSubstr("RESOURCE_EXHAUSTED (code 429): You have exhausted your capacity"));
  EXPECT_TRUE(error.full_error().starts_with("HTTP 429 Too Many Requests\nSherlog: \nTraceID: 0x"))
      << error.full_error();
  EXPECT_THAT(error.full_error(), HasSubstr("\nHeaders: {\""));
  EXPECT_THAT(error.full_error(), HasSubstr("}\n\n{\n  \"error\": {"));
}

TEST_F(turns, tools_sub_agents_and_background_calls_each_call_the_provider) {
  auto& ls = with("");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello [[ls:tool_steps=1,sub_agent=1,background=2]]").ok());
  const auto steps = steps_after_turn(ls, id, "s1");
  ASSERT_EQ(steps.size(), 5u);
  EXPECT_TRUE(steps[2].has_run_command());
  EXPECT_EQ(steps[3].subtrajectory().steps(1).planner_response().response(), whole_text);
  EXPECT_NE(steps[3].subtrajectory().trajectory_id(), "");
  std::string journal;
  test::until([&] {  // the provider writes a call down after the turn has had its answer
    journal = provider.journal();
    return std::ranges::count(journal, '\n') >= 5;
  });
  EXPECT_EQ(std::ranges::count(journal, '\n'), 5);
  EXPECT_THAT(journal, HasSubstr(R"("path":"/v1internal:generateContent")"));
}

TEST_F(turns, rewritten_text_and_synthetic_deltas_come_as_asked) {
  auto& ls = with("");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello [[ls:rewrite,modified]]").ok());
  EXPECT_EQ(steps_after_turn(ls, id, "s1").at(1).planner_response().modified_response(),
            "In other words: " + std::string(whole_text));
  const auto other = start(ls);
  ASSERT_TRUE(send(ls, other, "[[ls:synthetic=25,synthetic_step=10]]").ok());
  const auto steps = steps_after_turn(ls, other, "s2");
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_EQ(std::ranges::count(steps[1].planner_response().response(), '='), 10);
  EXPECT_EQ(std::ranges::count(steps[3].planner_response().response(), '='), 5);
  EXPECT_TRUE(calls_of(ls, other).empty());
}

TEST_F(turns, a_crash_in_mid_turn_ends_the_process) {
  auto& ls = with("");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello [[ls:crash_mid_turn=2]]").ok());
  EXPECT_EQ(ls.running().exit_code(), -SIGKILL);
}

/// What was known after an update.
struct seen {
  cortex::CascadeRunStatus run;
  bool last_step_done;
  bool fully_idle;
};

std::vector<seen> follow_turn(server& ls, const std::string& message) {
  const auto id = start(ls);
  agent_subscription following(ls, id, "s1");
  EXPECT_TRUE(send(ls, id, message).ok());
  std::vector<seen> all;
  auto run = cortex::CASCADE_RUN_STATUS_UNSPECIFIED;
  bool done = false, idle = false;
  StreamAgentStateUpdatesResponse response;
  while (following.reader->Read(&response)) {
    const auto& update = response.update();
    for (const auto& step : update.main_trajectory_update().steps_update().steps())
      done = step.has_planner_response() && step.status() == cortex::CORTEX_STEP_STATUS_DONE;
    if (update.has_fully_idle()) idle = update.fully_idle();
    if (update.status() != 0) run = update.status();
    all.push_back({run, done, idle});
    if (done && idle) break;
  }
  following.call.TryCancel();
  return all;
}

TEST_F(turns, an_early_idle_comes_before_the_last_words) {
  const auto all = follow_turn(with(""), "hello [[ls:early_idle]]");
  const auto idle = std::ranges::find_if(
      all, [](const seen& one) { return one.run == cortex::CASCADE_RUN_STATUS_IDLE && !one.fully_idle; });
  ASSERT_NE(idle, all.end());
  EXPECT_FALSE(idle->last_step_done);
  EXPECT_TRUE(all.back().last_step_done);
}

TEST_F(turns, a_late_idle_leaves_a_turn_running_whose_last_step_is_done) {
  auto& ls = with("late_idle=600000");
  const auto id = start(ls);
  agent_subscription following(ls, id, "s1");
  ASSERT_TRUE(send(ls, id, "hello").ok());
  StreamAgentStateUpdatesResponse response;
  bool cancelled = false, idle = false;
  cortex::ExecutorTerminationReason reason{};
  while (!(cancelled && idle) && following.reader->Read(&response)) {
    const auto& update = response.update();
    for (const auto& step : update.main_trajectory_update().steps_update().steps())
      if (step.has_planner_response() && step.status() == cortex::CORTEX_STEP_STATUS_DONE && !cancelled) {
        cancelled = true;
        cancel(ls, id);
      }
    if (update.has_executor_metadata()) reason = update.executor_metadata().termination_reason();
    idle = update.fully_idle();
  }
  following.call.TryCancel();
  // The turn was still there to be cancelled.
  EXPECT_EQ(reason, cortex::EXECUTOR_TERMINATION_REASON_USER_CANCELED);
}

TEST_F(turns, an_error_step_needs_no_model_call) {
  auto& ls = with("");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello [[ls:error_step]]").ok());
  const auto steps = steps_after_turn(ls, id, "s1");
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[1].error_message().error().error_code(), 500u);
  EXPECT_EQ(provider.journal(), "");
}

TEST_F(turns, a_process_told_to_stop_leaves_open_streams_and_running_turns) {
  auto& ls = with("");
  const auto id = start(ls);
  reactive_subscription following(ls, id, "s1");
  StreamReactiveUpdatesResponse response;
  ASSERT_TRUE(following.reader->Read(&response));
  ASSERT_TRUE(send(ls, id, "hello [[ls:stall=1]]").ok());
  ASSERT_TRUE(following.reader->Read(&response));
  ls.running().terminate();
  while (following.reader->Read(&response)) {
  }
  EXPECT_FALSE(following.reader->Finish().ok());
  EXPECT_EQ(ls.running().exit_code(), 0);
}

TEST_F(turns, hundreds_of_cascades_run_at_once_on_few_threads) {
  auto& ls = with("");
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(start(ls));
  for (const auto& id : ids) ASSERT_TRUE(send(ls, id, "[[sim:delay_ms=50]]").ok());
  for (const auto& id : ids) EXPECT_EQ(steps_after_turn(ls, id, "s1").at(1).planner_response().response(), whole_text);
  std::size_t threads = 0;
  for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator(ls.running().tasks())) ++threads;
  EXPECT_LT(threads, 40u);
}

}  // namespace
}  // namespace sim::ls
