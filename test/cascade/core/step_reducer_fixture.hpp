#pragma once

// The cascade that the tests of step_reducer follow: one finished turn, then the one whose events are looked at.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "cascade/core/step_reducer.hpp"
#include "test/cascade/core/turn_state.hpp"

namespace cascade {

using namespace exa::cortex_pb;
using support::reply_step;
using support::tool_call_step;
using support::user_step;
using testing::ElementsAre;
using testing::IsEmpty;
using lines = std::vector<std::string>;

constexpr auto running = CORTEX_STEP_STATUS_GENERATING;
constexpr auto done = CORTEX_STEP_STATUS_DONE;

/// A cascade with one finished turn (steps 0 and 1) before the one that is followed, which begins at step 2.
struct step_reducer_test : testing::Test {
  step_reducer_test() {
    add(user_step());
    add(reply_step("before", done));
    state.set_status(CASCADE_RUN_STATUS_IDLE);
    state.mutable_trajectory()->set_trajectory_id("trajectory");
  }

  gemini_coder::Step& add(gemini_coder::Step step) {
    return *state.mutable_trajectory()->add_steps() = std::move(step);
  }
  gemini_coder::Step& at(int index) { return *state.mutable_trajectory()->mutable_steps(index); }

  lines look(const changes& what = changes::all()) {
    heard.hear(reducer.apply(state, what));
    return heard.take();
  }

  /// The turn runs and has said "Hi".
  lines begin() {
    add(user_step());
    add(reply_step("Hi", running));
    state.set_status(CASCADE_RUN_STATUS_RUNNING);
    return look();
  }

  lines end_with(ExecutorTerminationReason reason) {
    begin();
    at(3).set_status(done);
    state.set_status(CASCADE_RUN_STATUS_IDLE);
    state.mutable_executor_metadata()->set_termination_reason(reason);
    state.mutable_executor_metadata()->set_last_step_idx(3);
    return look();
  }

  support::CascadeState state;
  step_reducer reducer{2};
  support::listener heard;
};

}  // namespace cascade
