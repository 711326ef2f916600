#include "cascade/core/cascade_view.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include "test/cascade/core/turn_state.hpp"
#include "test/support/message_differ.hpp"

namespace cascade {
namespace {

using namespace exa::cortex_pb;
using google::protobuf::util::MessageDifferencer;
using support::reply_step;
using support::user_step;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto done = CORTEX_STEP_STATUS_DONE;

/// The server's half of a reactive subscription.
struct reactive_server {
  support::CascadeState now, told;
  std::uint64_t version = 0;
  support::message_differ differ{1, false};

  cascade_view::reactive_update next() {
    cascade_view::reactive_update update;
    update.set_version(++version);
    *update.mutable_diff() = differ.diff(told, now);
    told = now;
    return update;
  }

  cascade_view::reactive_update snapshot() {
    told.Clear();
    return next();
  }
};

struct cascade_view_test : testing::Test {
  cascade_view_test() {
    *server.now.mutable_trajectory()->add_steps() = user_step();
    *server.now.mutable_trajectory()->add_steps() = reply_step("Hi", CORTEX_STEP_STATUS_GENERATING);
    server.now.mutable_trajectory()->add_generator_metadata();
  }

  bool same() { return MessageDifferencer::Equals(view.state(), server.now); }
  auto& reply() { return *server.now.mutable_trajectory()->mutable_steps(1); }

  reactive_server server;
  cascade_view view;
};

TEST_F(cascade_view_test, the_first_update_is_a_snapshot_and_changes_everything) {
  const auto what = view.apply(server.snapshot());
  ASSERT_TRUE(what);
  EXPECT_TRUE(what->everything);
  EXPECT_TRUE(same());
}

TEST_F(cascade_view_test, a_diff_names_the_steps_and_parts_that_it_touched) {
  view.apply(server.snapshot()).value();
  reply().mutable_planner_response()->set_response("Hi there");
  auto what = view.apply(server.next()).value();
  EXPECT_FALSE(what.everything || what.status);
  EXPECT_THAT(what.steps, ElementsAre(step_change{1, part_text}));

  reply().mutable_planner_response()->set_thinking("Hm.");
  reply().set_status(done);
  what = view.apply(server.next()).value();
  EXPECT_THAT(what.steps, ElementsAre(step_change{1, part_reasoning | part_rest}));

  server.now.mutable_trajectory()->mutable_generator_metadata(0)->set_execution_id("e");
  what = view.apply(server.next()).value();
  EXPECT_THAT(what.steps, IsEmpty());
  EXPECT_THAT(what.generator_metadata, ElementsAre(0u));

  server.now.set_status(CASCADE_RUN_STATUS_IDLE);
  what = view.apply(server.next()).value();
  EXPECT_TRUE(what.status && what.steps.empty() && !what.length);

  server.now.set_cascade_id("c");
  EXPECT_TRUE(view.apply(server.next()).value().none());
  EXPECT_TRUE(same());
}

TEST_F(cascade_view_test, a_reply_that_is_cleared_touches_all_parts) {
  view.apply(server.snapshot()).value();
  reply().clear_step();
  EXPECT_THAT(view.apply(server.next()).value().steps, ElementsAre(step_change{1, part_all}));
}

TEST_F(cascade_view_test, a_new_subscription_replaces_the_state_when_its_snapshot_comes) {
  view.apply(server.snapshot()).value();
  EXPECT_TRUE(view.reset().none());
  EXPECT_TRUE(same());
  server.now.clear_trajectory();
  server.now.set_cascade_id("other");
  server.version = 500;
  EXPECT_TRUE(view.apply(server.snapshot()).value().everything);
  EXPECT_TRUE(same());
}

TEST_F(cascade_view_test, a_missing_or_repeated_version_asks_for_a_new_subscription) {
  view.apply(server.snapshot()).value();
  server.version += 1;
  EXPECT_EQ(view.apply(server.next()).error(), errc::version_gap);
  view.reset();
  view.apply(server.snapshot()).value();
  server.version -= 1;
  EXPECT_EQ(view.apply(server.next()).error(), errc::version_gap);
}

TEST_F(cascade_view_test, a_server_that_never_counts_by_one_is_believed_in_the_end) {
  for (int subscription = 0; subscription < 2; ++subscription) {
    view.reset();
    view.apply(server.snapshot()).value();
    server.version += 9;
    EXPECT_FALSE(view.apply(server.next()));
  }
  view.reset();
  view.apply(server.snapshot()).value();
  server.version += 9;
  EXPECT_TRUE(view.apply(server.next()));
  server.version -= 5;
  EXPECT_FALSE(view.apply(server.next())) << "a step back is a gap all the same";
}

TEST_F(cascade_view_test, a_server_that_counts_by_one_is_held_to_it_after_any_number_of_gaps) {
  for (int subscription = 0; subscription < 5; ++subscription) {
    view.reset();
    view.apply(server.snapshot()).value();
    EXPECT_TRUE(view.apply(server.next()));
    server.version += 1;
    EXPECT_EQ(view.apply(server.next()).error(), errc::version_gap);
  }
}

TEST_F(cascade_view_test, updates_without_a_version_are_taken_as_they_come) {
  for (int i = 0; i < 3; ++i) {
    auto update = server.next();
    update.clear_version();
    EXPECT_TRUE(view.apply(std::move(update)));
  }
  EXPECT_TRUE(same());
}

TEST_F(cascade_view_test, a_full_state_replaces_and_the_diff_beside_it_applies_on_top) {
  view.apply(server.snapshot()).value();
  server.now.mutable_trajectory()->mutable_steps()->RemoveLast();
  cascade_view::reactive_update update;
  update.set_full_state(server.now.SerializeAsString());
  server.told = server.now;
  server.now.set_cascade_id("on top");
  *update.mutable_diff() = server.next().diff();
  update.set_version(2);
  EXPECT_TRUE(view.apply(update).value().everything);
  EXPECT_TRUE(same());
}

TEST_F(cascade_view_test, a_full_state_that_does_not_parse_is_an_error_and_leaves_nothing) {
  cascade_view::reactive_update update;
  update.set_full_state(server.now.SerializeAsString() + "\x0A\xFF");
  EXPECT_EQ(view.apply(update).error(), errc::malformed);
  EXPECT_EQ(view.state().ByteSizeLong(), 0u) << "no half of it is left";
}

TEST_F(cascade_view_test, a_state_past_its_limit_is_an_error_until_a_snapshot_fits_again) {
  view = cascade_view({.diff = {}, .max_bytes = 100'000});
  reply().mutable_planner_response()->set_response(std::string(200'000, 'x'));
  EXPECT_EQ(view.apply(server.snapshot()).error(), errc::too_large);
  EXPECT_GT(view.bytes_held(), 200'000u);
  view.reset();
  reply().mutable_planner_response()->set_response("x");
  EXPECT_TRUE(view.apply(server.snapshot()));
  EXPECT_LT(view.bytes_held(), 100'000u);
}

TEST_F(cascade_view_test, a_state_that_shrinks_gives_its_memory_back) {
  for (int i = 0; i < 100; ++i) {
    *server.now.mutable_trajectory()->add_steps() = reply_step(std::string(10'000, 'x'), done);
  }
  view.apply(server.snapshot()).value();
  EXPECT_GT(view.bytes_held(), 1'000'000u);
  server.now.mutable_trajectory()->mutable_steps()->DeleteSubrange(1, 101);
  view.apply(server.next()).value();
  EXPECT_LT(view.bytes_held(), 20'000u);
}

struct agent_state_test : testing::Test {
  cascade_view::agent_update update;
  cascade_view view;
  auto& steps() { return *update.mutable_main_trajectory_update()->mutable_steps_update(); }
  void put(std::uint32_t index, gemini_coder::Step step) {
    steps().add_indices(index);
    *steps().add_steps() = std::move(step);
  }
  changes apply() {
    const changes what = view.apply(std::move(update));
    update.Clear();
    return what;
  }
  const auto& step(int index) { return view.state().trajectory().steps(index); }
  int size() { return view.state().trajectory().steps_size(); }
};

TEST_F(agent_state_test, a_step_is_replaced_whole_and_the_others_stay) {
  put(0, user_step());
  put(1, reply_step("Hi", CORTEX_STEP_STATUS_GENERATING, "Hm."));
  steps().set_total_length(2);
  EXPECT_TRUE(apply().everything);
  put(1, reply_step("Hi there", done));
  steps().set_total_length(2);
  const auto what = apply();
  EXPECT_FALSE(what.everything);
  EXPECT_THAT(what.steps, ElementsAre(step_change{1, part_all}));
  EXPECT_EQ(step(0).user_input().query(), "say hello");
  EXPECT_EQ(step(1).planner_response().response(), "Hi there");
  EXPECT_EQ(step(1).planner_response().thinking(), "") << "replaced, not merged";
}

TEST_F(agent_state_test, the_list_is_cut_and_extended_to_its_total_length) {
  put(2, reply_step("third", done));
  steps().set_total_length(4);
  apply();
  ASSERT_EQ(size(), 4);
  EXPECT_EQ(step(2).planner_response().response(), "third");
  steps().set_total_length(1);
  EXPECT_TRUE(apply().length);
  EXPECT_EQ(size(), 1);
  steps();
  apply();
  EXPECT_EQ(size(), 0);
}

TEST_F(agent_state_test, a_length_that_is_not_told_beside_steps_cuts_nothing) {
  put(1, user_step());
  steps().set_total_length(2);
  apply();
  put(0, user_step());
  apply();
  EXPECT_EQ(size(), 2);
  put(4, user_step());
  apply();
  EXPECT_EQ(size(), 5);
}

TEST_F(agent_state_test, what_is_absent_is_unchanged) {
  put(0, user_step());
  update.set_conversation_id("c");
  update.set_status(CASCADE_RUN_STATUS_RUNNING);
  update.mutable_executor_metadata()->set_execution_id("e");
  apply();
  update.set_trajectory_id("t");
  const auto what = apply();
  EXPECT_TRUE(what.none());
  EXPECT_EQ(view.state().cascade_id(), "c");
  EXPECT_EQ(view.state().status(), CASCADE_RUN_STATUS_RUNNING);
  EXPECT_EQ(view.state().executor_metadata().execution_id(), "e");
  EXPECT_EQ(view.state().trajectory().trajectory_id(), "t");
  EXPECT_EQ(size(), 1);
}

TEST_F(agent_state_test, a_busy_status_takes_fully_idle_back) {
  update.set_status(CASCADE_RUN_STATUS_IDLE);
  update.set_fully_idle(true);
  apply();
  update.set_status(CASCADE_RUN_STATUS_RUNNING);
  apply();
  EXPECT_FALSE(view.state().fully_idle());
  update.set_status(CASCADE_RUN_STATUS_IDLE);
  apply();
  EXPECT_FALSE(view.state().fully_idle());
}

TEST_F(agent_state_test, fields_that_our_messages_lack_are_not_held) {
  gemini_coder::Step step = user_step();
  step.GetReflection()->MutableUnknownFields(&step)->AddLengthDelimited(4711, std::string(1000, 'x'));
  put(0, step);
  apply();
  EXPECT_TRUE(this->step(0).GetReflection()->GetUnknownFields(this->step(0)).empty());
}

TEST_F(agent_state_test, hostile_lists_are_refused_or_skipped_and_counted) {
  put(0, user_step());
  steps().set_total_length(UINT32_MAX);
  apply();
  EXPECT_EQ(size(), 0);
  EXPECT_EQ(view.counts().refused, 1u);
  put(UINT32_MAX, user_step());
  apply();
  EXPECT_EQ(view.counts().refused, 2u);
  put(7, user_step());
  steps().add_indices(0);
  steps().set_total_length(1);
  apply();
  EXPECT_EQ(size(), 1);
  EXPECT_EQ(view.counts().out_of_range, 2u);
}

TEST_F(agent_state_test, generator_and_executor_metadata_are_kept_current) {
  auto& calls = *update.mutable_main_trajectory_update()->mutable_generator_metadatas_update();
  calls.add_indices(1);
  calls.add_generator_metadatas()->set_execution_id("e");
  calls.set_total_length(2);
  auto& runs = *update.mutable_main_trajectory_update()->mutable_executor_metadatas_update();
  runs.add_indices(0);
  runs.add_executor_metadatas()->set_last_step_idx(4);
  runs.set_total_length(1);
  const auto what = apply();
  EXPECT_THAT(what.generator_metadata, ElementsAre(1u));
  EXPECT_TRUE(what.status);
  EXPECT_EQ(view.state().trajectory().generator_metadata(1).execution_id(), "e");
  EXPECT_EQ(view.state().trajectory().executor_metadatas(0).last_step_idx(), 4);
}

TEST(cascade_view, polled_steps_are_placed_from_their_offset_on) {
  cascade_view view;
  cascade_view::steps_answer answer;
  *answer.add_steps() = reply_step("a", done);
  *answer.add_steps() = reply_step("b", done);
  view.apply_steps(0, answer);
  const auto what = view.apply_steps(1, answer);
  EXPECT_TRUE(what.length);
  EXPECT_THAT(what.steps, ElementsAre(step_change{1, part_all}, step_change{2, part_all}));
  ASSERT_EQ(view.state().trajectory().steps_size(), 3);
  EXPECT_EQ(view.state().trajectory().steps(1).planner_response().response(), "a");
  view.apply_steps(UINT32_MAX, answer);
  EXPECT_EQ(view.state().trajectory().steps_size(), 3);
  EXPECT_EQ(view.counts().refused, 1u);
}

TEST(cascade_view, a_polled_status_cuts_steps_that_are_gone) {
  cascade_view view;
  cascade_view::steps_answer steps;
  for (int i = 0; i < 3; ++i) *steps.add_steps() = user_step();
  view.apply_steps(0, steps);
  cascade_view::trajectory_answer answer;
  answer.set_status(CASCADE_RUN_STATUS_IDLE);
  answer.set_num_total_steps(2);
  const auto what = view.apply(answer);
  EXPECT_TRUE(what.status && what.length);
  EXPECT_EQ(view.state().status(), CASCADE_RUN_STATUS_IDLE);
  EXPECT_EQ(view.state().trajectory().steps_size(), 2);
  answer.Clear();
  view.apply(answer);
  EXPECT_EQ(view.state().status(), CASCADE_RUN_STATUS_IDLE) << "0 is not told";
  EXPECT_EQ(view.state().trajectory().steps_size(), 2);
}

}  // namespace
}  // namespace cascade
