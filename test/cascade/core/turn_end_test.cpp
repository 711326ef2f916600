#include "cascade/core/turn_end.hpp"

#include "test/cascade/core/step_reducer_fixture.hpp"

namespace cascade {
namespace {

TEST_F(step_reducer_test, the_turn_is_over_when_the_run_is_idle_and_the_reply_done) {
  begin();
  at(3).set_status(done);
  EXPECT_THAT(look(), IsEmpty());
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look({.status = true}), ElementsAre("finished stop"));
  EXPECT_TRUE(reducer.ended());
  at(3).mutable_planner_response()->set_response("Hi, too late");
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(step_reducer_test, being_idle_before_the_last_text_loses_nothing) {
  begin();
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_TRUE(reducer.awaits_late_flush());
  at(3) = reply_step("Hi there", done);
  EXPECT_THAT(look(), ElementsAre("text 3 + there", "finished stop"));
  EXPECT_FALSE(reducer.awaits_late_flush());
}

TEST_F(step_reducer_test, a_reply_that_never_settles_is_ended_by_hand_and_once) {
  begin();
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  look();
  heard.hear(reducer.end_now(state));
  EXPECT_THAT(heard.take(), ElementsAre("finished stop"));
  EXPECT_TRUE(reducer.end_now(state).empty());
}

TEST_F(step_reducer_test, a_build_that_tells_fully_idle_is_waited_for) {
  state.set_fully_idle(true);
  look();
  begin();
  at(3).set_status(done);
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  state.set_fully_idle(false);
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_FALSE(reducer.awaits_late_flush());
  state.set_fully_idle(true);
  EXPECT_THAT(look({.status = true}), ElementsAre("finished stop"));
}

TEST_F(step_reducer_test, the_idleness_from_before_the_turn_does_not_end_it) {
  add(user_step());
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_FALSE(reducer.awaits_late_flush());
}

TEST_F(step_reducer_test, a_run_that_ended_without_a_reply_is_settled_by_its_executor) {
  add(user_step());
  state.set_status(CASCADE_RUN_STATUS_RUNNING);
  look();
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_TRUE(reducer.awaits_late_flush());
  state.mutable_executor_metadata()->set_termination_reason(EXECUTOR_TERMINATION_REASON_USER_CANCELED);
  state.mutable_executor_metadata()->set_last_step_idx(2);
  EXPECT_THAT(look({.status = true}), ElementsAre("finished canceled"));
}

TEST_F(step_reducer_test, the_executors_account_of_an_earlier_turn_is_not_taken_for_this_ones) {
  state.mutable_executor_metadata()->set_termination_reason(EXECUTOR_TERMINATION_REASON_USER_CANCELED);
  state.mutable_executor_metadata()->set_last_step_idx(1);
  state.mutable_executor_metadata()->set_execution_id("e1");
  begin();
  at(3).set_status(done);
  at(3).mutable_metadata()->set_execution_id("e2");
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look(), ElementsAre("finished stop"));
}

struct ending {
  ExecutorTerminationReason reason;
  const char* line;
};

TEST(step_reducer, each_termination_reason_has_its_event) {
  for (const auto& [reason, line] :
       {ending{EXECUTOR_TERMINATION_REASON_UNSPECIFIED, "finished stop"},
        ending{EXECUTOR_TERMINATION_REASON_ERROR, "failed 3 0  trace "},
        ending{EXECUTOR_TERMINATION_REASON_USER_CANCELED, "finished canceled"},
        ending{EXECUTOR_TERMINATION_REASON_MAX_INVOCATIONS, "finished max_invocations"},
        ending{EXECUTOR_TERMINATION_REASON_NO_TOOL_CALL, "finished stop"},
        ending{EXECUTOR_TERMINATION_REASON_MAX_FORCED_INVOCATIONS, "finished max_invocations"},
        ending{EXECUTOR_TERMINATION_REASON_EARLY_CONTINUE, "finished stop"},
        ending{EXECUTOR_TERMINATION_REASON_TERMINAL_STEP_TYPE, "finished stop"},
        ending{EXECUTOR_TERMINATION_REASON_TERMINAL_CUSTOM_HOOK, "finished stop"},
        ending{EXECUTOR_TERMINATION_REASON_INJECTED_RESPONSE, "finished stop"},
        ending{static_cast<ExecutorTerminationReason>(77), "finished stop"}}) {
    struct fixture : step_reducer_test {
      void TestBody() override {}
    } one;
    EXPECT_THAT(one.end_with(reason), ElementsAre(line)) << reason;
  }
}

TEST_F(step_reducer_test, the_models_own_stop_reason_tells_length_and_filter) {
  namespace common = exa::codeium_common_pb;
  for (const auto& [reason, line] : {std::pair{common::STOP_REASON_MAX_TOKENS, "finished length"},
                                     std::pair{common::STOP_REASON_CONTENT_FILTER, "finished content_filter"},
                                     std::pair{common::STOP_REASON_CLIENT_CANCELED, "finished canceled"},
                                     std::pair{common::STOP_REASON_STOP_PATTERN, "finished stop"}}) {
    reducer = step_reducer(2);
    state.mutable_trajectory()->mutable_steps()->DeleteSubrange(2, state.trajectory().steps_size() - 2);
    begin();
    at(3).set_status(done);
    at(3).mutable_planner_response()->set_stop_reason(reason);
    state.set_status(CASCADE_RUN_STATUS_IDLE);
    EXPECT_THAT(look(), ElementsAre(line));
  }
}

TEST_F(step_reducer_test, a_turn_that_ends_in_an_error_step_failed_with_its_code_and_trace) {
  begin();
  auto& error = add({});
  error.set_type(CORTEX_STEP_TYPE_ERROR_MESSAGE);
  error.set_status(done);
  error.mutable_error_message()->mutable_error()->set_short_error("UNAVAILABLE (code 503): none");
  error.mutable_error_message()->mutable_error()->set_full_error("HTTP 503 x\nSherlog: \nTraceID: 0x5f0c\n");
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look(), ElementsAre("failed 4 503 UNAVAILABLE (code 503): none trace 5f0c"));
}

TEST_F(step_reducer_test, an_error_that_the_model_got_over_does_not_fail_the_turn) {
  begin();
  auto& error = add({});
  error.mutable_error_message()->mutable_error()->set_short_error("retried");
  error.set_status(done);
  EXPECT_THAT(look(), IsEmpty());
  add(reply_step("Fine", done));
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look(), ElementsAre("text 5 +Fine", "finished stop"));
}

TEST_F(step_reducer_test, a_benign_error_at_the_end_is_no_failure) {
  begin();
  auto& error = add({});
  error.mutable_error_message()->mutable_error()->set_is_benign(true);
  error.set_status(done);
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look(), ElementsAre("finished stop"));
}

TEST_F(step_reducer_test, a_reply_whose_status_is_error_fails_with_the_error_it_carries) {
  begin();
  at(3).set_status(CORTEX_STEP_STATUS_ERROR);
  at(3).mutable_error()->set_error_code(429);
  state.set_status(CASCADE_RUN_STATUS_IDLE);
  EXPECT_THAT(look(), ElementsAre("failed 3 429  trace "));
}

}  // namespace
}  // namespace cascade
