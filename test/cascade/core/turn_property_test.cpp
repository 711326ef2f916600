// Whatever a server does to a turn, and however often the subscription is renewed, a client that appends deltas and
// obeys rewrites ends with the server's texts, hears every token once and one end.

#include <gmock/gmock.h>

#include <random>

#include "cascade/core/cascade_view.hpp"
#include "cascade/core/step_reducer.hpp"
#include "test/cascade/core/turn_state.hpp"
#include "test/support/message_differ.hpp"

namespace cascade {
namespace {

using namespace exa::cortex_pb;
using support::CascadeState;

constexpr std::uint32_t first_step = 2;

/// Plays a turn at random: texts grow and are rewritten, steps come and go.
class random_turn {
 public:
  explicit random_turn(unsigned seed) : random_(seed) {
    *steps().Add() = support::user_step();
    *steps().Add() = support::reply_step("before", CORTEX_STEP_STATUS_DONE);
    *steps().Add() = support::user_step();
    state.set_status(CASCADE_RUN_STATUS_RUNNING);
  }

  void move() {
    const unsigned what = random_() % 12;
    if (what == 0) *steps().Add() = support::tool_call_step("run_command", CORTEX_STEP_STATUS_RUNNING);
    if (what <= 2) *steps().Add() = support::reply_step(word(), CORTEX_STEP_STATUS_GENERATING);
    if (what == 3 && steps().size() > 3) steps().RemoveLast();
    gemini_coder::Step& step = any();
    if (what == 4) step = support::tool_call_step("run_command", CORTEX_STEP_STATUS_DONE);
    if (what == 5) step.mutable_planner_response()->set_response(word());
    if (what == 6) step.mutable_planner_response()->set_thinking(step.planner_response().thinking() + word());
    if (what == 7) step.mutable_planner_response()->set_modified_response(step.planner_response().response() + word());
    if (what == 8) add_usage(step);
    if (what >= 9) {
      auto& reply = *step.mutable_planner_response();
      (reply.modified_response().empty() ? *reply.mutable_response() : *reply.mutable_modified_response()) += word();
    }
  }

  void finish() {
    *steps().Add() = support::reply_step("The end.", CORTEX_STEP_STATUS_DONE);
    state.set_status(CASCADE_RUN_STATUS_IDLE);
  }

  CascadeState state;
  std::uint64_t tokens = 0;

 private:
  google::protobuf::RepeatedPtrField<gemini_coder::Step>& steps() {
    return *state.mutable_trajectory()->mutable_steps();
  }

  gemini_coder::Step& any() {
    const int size = steps().size();
    return steps()[static_cast<int>(first_step) + static_cast<int>(random_() % static_cast<unsigned>(size - 2))];
  }

  std::string word() {
    static constexpr const char* words[] = {"Hi ", "ü", "日本", "🙂", "and ", "so on"};
    return words[random_() % std::size(words)];
  }

  void add_usage(gemini_coder::Step& step) {
    auto& call = *state.mutable_trajectory()->add_generator_metadata();
    call.add_step_indices(first_step);
    auto& usage = *call.mutable_chat_model()->mutable_usage();
    usage.set_response_id("r" + std::to_string(++calls_));
    usage.set_output_tokens(1 + random_() % 100);
    *step.mutable_metadata()->mutable_model_usage() = usage;
    tokens += usage.output_tokens();
  }

  std::mt19937 random_;
  unsigned calls_ = 0;
};

struct client {
  support::listener heard;
  std::uint64_t tokens = 0;
  unsigned ends = 0;

  void hear(std::span<const event> events) {
    heard.hear(events);
    for (const event& e : events) {
      if (const auto* usage = std::get_if<token_usage>(&e)) tokens += usage->output;
      ends += std::holds_alternative<finished>(e) || std::holds_alternative<failed>(e);
    }
  }

  void expect_texts_of(const CascadeState& state) const {
    std::map<std::uint32_t, std::string> texts, reasonings;
    for (auto i = first_step; i < static_cast<std::uint32_t>(state.trajectory().steps_size()); ++i) {
      const auto& reply = state.trajectory().steps(static_cast<int>(i)).planner_response();
      texts[i] = reply.modified_response().empty() ? reply.response() : reply.modified_response();
      reasonings[i] = reply.thinking();
    }
    EXPECT_EQ(not_empty(heard.texts), not_empty(texts));
    EXPECT_EQ(not_empty(heard.reasonings), not_empty(reasonings));
  }

 private:
  static std::map<std::uint32_t, std::string> not_empty(std::map<std::uint32_t, std::string> texts) {
    std::erase_if(texts, [](const auto& text) { return text.second.empty(); });
    return texts;
  }
};

class turn_property_test : public testing::TestWithParam<bool> {};

TEST_P(turn_property_test, the_deltas_add_up_to_the_final_text) {
  const bool renewing = GetParam();
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    support::message_differ differ(seed);
    random_turn turn(seed);
    cascade_view view;
    step_reducer reducer(first_step);
    client client;
    CascadeState told;
    for (int move = 0; move < 80; ++move) {
      move == 79 ? turn.finish() : turn.move();
      if (renewing && random() % 5 == 0) {
        view.reset();
        told.Clear();
      }
      cascade_view::reactive_update update;
      *update.mutable_diff() = differ.diff(told, turn.state);
      told = turn.state;
      client.hear(reducer.apply(view.state(), view.apply(std::move(update)).value()));
      client.expect_texts_of(turn.state);
      ASSERT_FALSE(HasFailure()) << "seed " << seed << " move " << move;
    }
    EXPECT_EQ(client.tokens, turn.tokens);
    EXPECT_EQ(client.ends, 1u);
  }
}

TEST_P(turn_property_test, sparse_agent_updates_add_up_to_the_final_text_too) {
  const bool renewing = GetParam();
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    random_turn turn(seed);
    cascade_view view;
    step_reducer reducer(first_step);
    client client;
    CascadeState told;
    for (int move = 0; move < 80; ++move) {
      move == 79 ? turn.finish() : turn.move();
      if (renewing && random() % 5 == 0) {
        view.reset();
        told.Clear();
      }
      cascade_view::agent_update update;
      update.set_status(turn.state.status());
      auto& main = *update.mutable_main_trajectory_update();
      const auto fill = [](const auto& before, const auto& now, auto& indices, auto& items) {
        for (int i = 0; i < now.size(); ++i) {
          if (i < before.size() && before[i].SerializeAsString() == now[i].SerializeAsString()) continue;
          indices.Add(static_cast<std::uint32_t>(i));
          *items.Add() = now[i];
        }
      };
      auto& steps = *main.mutable_steps_update();
      steps.set_total_length(static_cast<std::uint32_t>(turn.state.trajectory().steps_size()));
      fill(told.trajectory().steps(), turn.state.trajectory().steps(), *steps.mutable_indices(),
           *steps.mutable_steps());
      auto& calls = *main.mutable_generator_metadatas_update();
      calls.set_total_length(static_cast<std::uint32_t>(turn.state.trajectory().generator_metadata_size()));
      fill(told.trajectory().generator_metadata(), turn.state.trajectory().generator_metadata(),
           *calls.mutable_indices(), *calls.mutable_generator_metadatas());
      told = turn.state;
      client.hear(reducer.apply(view.state(), view.apply(std::move(update))));
      client.expect_texts_of(turn.state);
      ASSERT_FALSE(HasFailure()) << "seed " << seed << " move " << move;
    }
    EXPECT_EQ(client.tokens, turn.tokens);
    EXPECT_EQ(client.ends, 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(subscriptions, turn_property_test, testing::Bool(),
                         [](const auto& test) { return test.param ? "renewed_at_random" : "kept"; });

}  // namespace
}  // namespace cascade
