#include "test/cascade/core/step_reducer_fixture.hpp"

namespace cascade {
namespace {

TEST_F(step_reducer_test, what_was_said_before_the_turn_is_not_told) {
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_FALSE(reducer.ended());
}

TEST_F(step_reducer_test, a_reply_is_told_as_it_grows) {
  add(user_step());
  add(reply_step("Hel", running));
  EXPECT_THAT(look(), ElementsAre("text 3 +Hel"));
  at(3).mutable_planner_response()->set_response("Hello");
  EXPECT_THAT(look(), ElementsAre("text 3 +lo"));
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(step_reducer_test, reasoning_comes_before_the_words_of_its_step) {
  add(user_step());
  add(reply_step("Hi", running, "Hm."));
  EXPECT_THAT(look(), ElementsAre("reasoning 3 +Hm.", "text 3 +Hi"));
}

TEST_F(step_reducer_test, the_modified_response_is_shown_once_there_is_one) {
  begin();
  at(3).mutable_planner_response()->set_modified_response("Hi there");
  EXPECT_THAT(look(), ElementsAre("text 3 + there"));
  at(3).mutable_planner_response()->set_modified_response("Good day");
  EXPECT_THAT(look(), ElementsAre("text 3 =Good day"));
  at(3).mutable_planner_response()->set_response("no longer of interest");
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(step_reducer_test, only_the_parts_that_changed_are_looked_at) {
  begin();
  at(3).mutable_planner_response()->set_response("Hi there");
  const step_change rest{3, part_rest};
  EXPECT_THAT(look({.steps = {&rest, 1}}), IsEmpty());
  const step_change text{3, part_text};
  EXPECT_THAT(look({.steps = {&text, 1}}), ElementsAre("text 3 + there"));
}

TEST_F(step_reducer_test, a_step_that_is_gone_or_became_another_is_taken_back) {
  begin();
  at(3) = tool_call_step("run_command", CORTEX_STEP_STATUS_RUNNING);
  EXPECT_THAT(look(), ElementsAre("text 3 =", "tool 3 run_command running"));
  at(3) = reply_step("Again", running, "Hm.");
  EXPECT_THAT(look(), ElementsAre("reasoning 3 +Hm.", "text 3 +Again"));
  state.mutable_trajectory()->mutable_steps()->RemoveLast();
  EXPECT_THAT(look({.length = true}), ElementsAre("reasoning 3 =", "text 3 ="));
}

TEST_F(step_reducer_test, the_last_reply_counts_again_when_a_later_one_is_gone) {
  begin();
  at(3).set_status(done);
  add(tool_call_step("run_command", done));
  add(reply_step("More", running));
  look();
  state.mutable_trajectory()->mutable_steps()->RemoveLast();
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look({.status = true, .length = true}), ElementsAre("text 5 =", "finished stop"));
}

TEST_F(step_reducer_test, a_tool_is_told_at_each_status) {
  begin();
  add(tool_call_step("run_command", CORTEX_STEP_STATUS_PENDING));
  EXPECT_THAT(look(), ElementsAre("tool 4 run_command pending"));
  at(4).set_status(CORTEX_STEP_STATUS_RUNNING);
  EXPECT_THAT(look(), ElementsAre("tool 4 run_command running"));
  EXPECT_THAT(look(), IsEmpty());
  at(4).set_status(CORTEX_STEP_STATUS_ERROR);
  EXPECT_THAT(look(), ElementsAre("tool 4 run_command error"));
}

TEST_F(step_reducer_test, a_tool_without_a_call_is_named_by_its_type_and_bookkeeping_is_silent) {
  begin();
  auto& view = add({});
  view.set_type(CORTEX_STEP_TYPE_VIEW_FILE);
  view.set_status(done);
  add({}).set_type(CORTEX_STEP_TYPE_CHECKPOINT);
  add({}).mutable_ephemeral_message();
  add({}).set_type(static_cast<CortexStepType>(999));
  add({}).mutable_generic();
  EXPECT_THAT(look(), ElementsAre("tool 4 view_file done", "tool 8 generic unknown"));
}

TEST_F(step_reducer_test, a_step_that_waits_is_told_each_time_it_begins_to) {
  begin();
  add(tool_call_step("run_command", CORTEX_STEP_STATUS_WAITING)).mutable_requested_interaction();
  EXPECT_THAT(look(), ElementsAre("tool 4 run_command waiting", "waiting 4 run_command requested run_command"));
  EXPECT_THAT(look(), IsEmpty());
  at(4).set_status(CORTEX_STEP_STATUS_RUNNING);
  look();
  at(4).set_status(CORTEX_STEP_STATUS_WAITING);
  EXPECT_THAT(look(), ElementsAre("tool 4 run_command waiting", "waiting 4 run_command requested run_command"));
}

TEST_F(step_reducer_test, a_turn_that_waits_is_not_over_though_the_run_is_idle) {
  begin();
  at(3).set_status(done);
  add(tool_call_step("run_command", CORTEX_STEP_STATUS_WAITING));
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  look();
  EXPECT_FALSE(reducer.ended());
  EXPECT_FALSE(reducer.awaits_late_flush());
}

TEST_F(step_reducer_test, a_waiting_step_that_is_gone_holds_the_turn_no_longer) {
  begin();
  at(3).set_status(done);
  add(tool_call_step("run_command", CORTEX_STEP_STATUS_WAITING));
  look();
  state.mutable_trajectory()->mutable_steps()->RemoveLast();
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look({.status = true, .length = true}), ElementsAre("finished stop"));
}

TEST_F(step_reducer_test, a_reply_that_became_a_tool_is_not_waited_for) {
  begin();
  at(3).set_status(done);
  add(reply_step("", running));
  look();
  at(4) = tool_call_step("run_command", CORTEX_STEP_STATUS_RUNNING);
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look(), ElementsAre("tool 4 run_command running", "finished stop"));
}

TEST_F(step_reducer_test, usage_of_a_call_is_told_once_wherever_the_server_lists_it) {
  begin();
  auto& usage = *at(3).mutable_metadata()->mutable_model_usage();
  usage.set_response_id("r1");
  usage.set_input_tokens(10);
  usage.set_output_tokens(2);
  auto& call = *state.mutable_trajectory()->add_generator_metadata();
  call.add_step_indices(3);
  *call.mutable_chat_model()->mutable_usage() = usage;
  EXPECT_THAT(look(), ElementsAre("usage r1 10/2"));
  call.mutable_chat_model()->mutable_usage()->set_output_tokens(5);
  const std::uint32_t index = 0;
  EXPECT_THAT(look({.generator_metadata = {&index, 1}}), ElementsAre("usage r1 10/5 revised"));
}

TEST_F(step_reducer_test, usage_of_earlier_turns_is_not_told) {
  auto& call = *state.mutable_trajectory()->add_generator_metadata();
  call.add_step_indices(1);
  call.mutable_chat_model()->mutable_usage()->set_input_tokens(99);
  at(1).mutable_metadata()->mutable_model_usage()->set_response_id("old");
  at(1).mutable_metadata()->mutable_model_usage()->set_input_tokens(99);
  EXPECT_THAT(begin(), ElementsAre("text 3 +Hi"));
  at(3).set_status(done);
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look(), ElementsAre("finished stop"));
}

TEST_F(step_reducer_test, a_call_without_steps_belongs_to_the_turn_by_its_execution_id) {
  begin();
  auto& call = *state.mutable_trajectory()->add_generator_metadata();
  call.set_execution_id("e2");
  call.mutable_chat_model()->mutable_usage()->set_input_tokens(7);
  call.mutable_chat_model()->mutable_usage()->set_response_id("r");
  EXPECT_THAT(look(), IsEmpty());
  at(3).mutable_metadata()->set_execution_id("e2");
  EXPECT_THAT(look(), ElementsAre("usage r 7/0"));
}

TEST_F(step_reducer_test, a_call_whose_execution_id_is_known_too_late_is_told_at_the_end) {
  begin();
  auto& call = *state.mutable_trajectory()->add_generator_metadata();
  call.set_execution_id("e2");
  call.mutable_chat_model()->mutable_usage()->set_input_tokens(7);
  call.mutable_chat_model()->mutable_usage()->set_response_id("r");
  at(3).mutable_metadata()->set_execution_id("e2");
  at(3).set_status(done);
  const step_change rest{3, part_rest};
  EXPECT_THAT(look({.steps = {&rest, 1}}), IsEmpty());
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look({.status = true}), ElementsAre("usage r 7/0", "finished stop"));
}

TEST_F(step_reducer_test, failed_attempts_are_told_by_id_trace_or_place) {
  begin();
  auto& call = *state.mutable_trajectory()->add_generator_metadata();
  call.add_step_indices(3);
  for (const char* trace : {"t1", "", ""}) {
    auto& attempt = *call.mutable_chat_model()->add_retry_infos();
    attempt.set_trace_id(trace);
    attempt.mutable_usage()->set_input_tokens(5);
  }
  at(3).mutable_metadata()->mutable_retry_infos()->CopyFrom(call.chat_model().retry_infos());
  EXPECT_THAT(look(),
              ElementsAre("usage  5/0 failed attempt", "usage  5/0 failed attempt", "usage  5/0 failed attempt"));
  EXPECT_THAT(look(), IsEmpty());
}

}  // namespace
}  // namespace cascade
