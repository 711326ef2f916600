// Both kinds of update, checked against the client's own way to read them.

#include "test/sim/language_server/updates.hpp"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "cascade/core/diff_applier.hpp"
#include "test/sim/language_server/transcript.hpp"

namespace sim::ls {
namespace {

using exa::jetski_cortex_pb::CascadeState;

CascadeState state_of(const transcript& at) {
  CascadeState state;
  state.set_cascade_id(at.cascade_id);
  *state.mutable_trajectory() = whole_trajectory(at);
  state.set_status(at.status);
  state.set_executable_status(at.status);
  state.set_executor_loop_status(at.status);
  if (at.fully_idle) state.set_fully_idle(*at.fully_idle);
  if (!at.executor_metadata.empty()) *state.mutable_executor_metadata() = *at.executor_metadata.back();
  for (const auto& step : at.queued_steps) *state.add_queued_steps() = *step;
  return state;
}

gemini_coder::Step planner(const std::string& text) {
  gemini_coder::Step step;
  step.set_status(cortex::CORTEX_STEP_STATUS_GENERATING);
  step.mutable_planner_response()->set_response(text);
  (*step.mutable_metadata()->mutable_model_usage()->mutable_response_header())["trace"] = text;
  return step;
}

/// Moments of a turn, one after another.
std::vector<transcript> a_turn() {
  std::vector<transcript> moments{new_transcript("c1", 200'000)};
  const auto then = [&moments](auto change) {
    moments.push_back(moments.back());
    change(moments.back());
  };
  then([](transcript& t) { t.status = cortex::CASCADE_RUN_STATUS_RUNNING, t.fully_idle = false; });
  then([](transcript& t) { t.append(planner("a")); });
  then([](transcript& t) {
    t.edit(static_cast<std::uint32_t>(t.steps.size()) - 1, [](auto& s) { s = planner("ab"); });
  });
  then([](transcript& t) {
    t.edit(static_cast<std::uint32_t>(t.steps.size()) - 1, [](auto& s) { s.mutable_run_command(); });
    t.queued_steps.push_back(std::make_shared<gemini_coder::Step>(planner("later")));
  });
  then([](transcript& t) {
    cortex::ExecutorMetadata outcome;
    outcome.set_num_generator_invocations(1);
    t.executor_metadata.push_back(std::make_shared<cortex::ExecutorMetadata>(outcome));
    t.generator_metadata.push_back(std::make_shared<cortex::CortexStepGeneratorMetadata>());
    t.queued_steps.clear();
    t.steps.pop_back();
    t.status = cortex::CASCADE_RUN_STATUS_IDLE, t.fully_idle = true;
  });
  return moments;
}

TEST(updates, reactive_diffs_lead_from_nothing_through_every_moment) {
  cascade::diff_applier applier;
  CascadeState state;
  transcript before;
  for (const auto& now : a_turn()) {
    applier.apply(state, reactive_diff(before, now));
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(state, state_of(now))) << state.DebugString();
    before = now;
  }
  const auto& counts = applier.counts();
  EXPECT_EQ(counts.unknown_fields + counts.mismatches + counts.out_of_range + counts.refused, 0u);
}

TEST(updates, a_reactive_diff_costs_what_changed) {
  const auto moments = a_turn();
  EXPECT_GT(reactive_diff({}, moments[0]).ByteSizeLong(), 200'000u);
  EXPECT_LT(reactive_diff(moments[2], moments[3]).ByteSizeLong(), 200u);
  EXPECT_TRUE(reactive_diff(moments[2], moments[2]).field_diffs().empty());
}

TEST(updates, agent_updates_are_sparse_and_hold_whole_steps) {
  const auto moments = a_turn();
  const auto first = agent_update({}, moments[0], true);
  EXPECT_EQ(first.main_trajectory_update().steps_update().steps_size(), static_cast<int>(moments[0].steps.size()));
  EXPECT_TRUE(first.main_trajectory_update().has_generator_metadatas_update());
  EXPECT_TRUE(first.fully_idle());
  const auto second = agent_update(moments[2], moments[3], false);
  EXPECT_EQ(second.status(), cortex::CASCADE_RUN_STATUS_UNSPECIFIED);
  EXPECT_FALSE(second.has_fully_idle());
  EXPECT_FALSE(second.main_trajectory_update().has_generator_metadatas_update());
  ASSERT_EQ(second.main_trajectory_update().steps_update().steps_size(), 1);
  EXPECT_EQ(second.main_trajectory_update().steps_update().steps(0).planner_response().response(), "ab");
  EXPECT_EQ(second.main_trajectory_update().steps_update().total_length(), moments[3].steps.size());
}

TEST(updates, a_snapshot_of_an_idle_cascade_tells_that_it_has_no_steps) {
  const auto first = agent_update({}, new_transcript("c1", 0), true);
  EXPECT_TRUE(first.main_trajectory_update().has_steps_update());
  EXPECT_EQ(first.main_trajectory_update().steps_update().total_length(), 0u);
  EXPECT_EQ(first.status(), cortex::CASCADE_RUN_STATUS_IDLE);
}

}  // namespace
}  // namespace sim::ls
