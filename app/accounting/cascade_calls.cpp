#include "app/accounting/cascade_calls.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "cascade/core/error_details.hpp"
#include "usage/trace_id.hpp"

namespace app {
namespace {

/// Sub-agents of sub-agents; a deeper one is not looked at.
constexpr int max_depth = 8;

std::int64_t count(std::uint64_t tokens) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(tokens, INT64_MAX));
}

usage::token_usage tokens_of(const exa::codeium_common_pb::ModelUsageStats& stats) {
  usage::token_usage tokens;
  tokens.input_uncached = count(stats.input_tokens());
  tokens.cache_read = count(stats.cache_read_tokens());
  if (stats.cache_write_tokens() != 0) tokens.cache_write = count(stats.cache_write_tokens());
  tokens.output_total = count(stats.output_tokens());
  tokens.thinking = count(stats.thinking_output_tokens());
  return tokens;
}

std::string trace_in(const exa::codeium_common_pb::ModelUsageStats& stats) {
  constexpr std::string_view wanted = "x-cloudaicompanion-trace-id";
  for (const auto& [name, value] : stats.response_header()) {
    const bool same =
        std::ranges::equal(name, wanted, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; });
    if (same) return usage::plain_trace(value);
  }
  return {};
}

class walk {
 public:
  walk(turn_of turn, trajectory_calls& found) : turn_(turn), found_(found) {}

  void add_trajectory(const gemini_coder::Trajectory& trajectory, const std::string& cascade, std::uint32_t first_step,
                      int depth) {
    if (!trajectory.trajectory_id().empty()) found_.trajectories.push_back({trajectory.trajectory_id(), cascade});
    for (const auto& made : trajectory.generator_metadata())
      if (made.has_chat_model() && of_turn(made, first_step)) add_call(trajectory, made, cascade);
    for (int i = static_cast<int>(first_step); i < trajectory.steps_size(); ++i) {
      add_step(trajectory, trajectory.steps(i), cascade);
      if (trajectory.steps(i).has_subtrajectory() && depth < max_depth)
        add_sub_agent(trajectory.steps(i).subtrajectory(), cascade, depth + 1);
    }
  }

 private:
  using retries = google::protobuf::RepeatedPtrField<exa::cortex_pb::RetryInfo>;
  using made_call = exa::cortex_pb::CortexStepGeneratorMetadata;

  static bool of_turn(const made_call& made, std::uint32_t first_step) {
    return made.step_indices().empty() ||
           std::ranges::any_of(made.step_indices(), [&](std::uint32_t step) { return step >= first_step; });
  }

  static std::int64_t time_of(const gemini_coder::Trajectory& trajectory, const made_call& made) {
    if (made.step_indices().empty()) return 0;
    const auto step = made.step_indices(0);
    if (step >= static_cast<std::uint32_t>(trajectory.steps_size())) return 0;
    return trajectory.steps(static_cast<int>(step)).metadata().created_at().seconds() * 1000;
  }

  listed_call fresh(const gemini_coder::Trajectory& trajectory, const std::string& cascade) const {
    listed_call made;
    made.call.conversation = cascade;
    made.call.trajectory_id = trajectory.trajectory_id();
    made.call.request_id = turn_.request_id;
    return made;
  }

  void add(listed_call made, const exa::codeium_common_pb::ModelUsageStats& stats) {
    made.call.response_id = stats.response_id();
    if (made.call.trace_id.empty()) made.call.trace_id = trace_in(stats);
    made.call.tokens = tokens_of(stats);
    found_.calls.push_back(std::move(made));
  }

  void add_call(const gemini_coder::Trajectory& trajectory, const made_call& made, const std::string& cascade) {
    const auto& chat = made.chat_model();
    add_refused(trajectory, chat.retry_infos(), cascade);
    if (!chat.has_usage()) return;
    listed_call listed = fresh(trajectory, cascade);
    listed.call.model = chat.response_model();
    listed.made_at = time_of(trajectory, made);
    add(std::move(listed), chat.usage());
  }

  void add_step(const gemini_coder::Trajectory& trajectory, const gemini_coder::Step& step,
                const std::string& cascade) {
    add_refused(trajectory, step.metadata().retry_infos(), cascade);
    if (!step.metadata().model_usage().response_id().empty()) {
      listed_call listed = fresh(trajectory, cascade);
      listed.made_at = step.metadata().created_at().seconds() * 1000;
      add(std::move(listed), step.metadata().model_usage());
    }
    const auto* error = cascade::error_of(step);
    if (error == nullptr) return;
    listed_call failed = fresh(trajectory, cascade);
    failed.call.trace_id = usage::plain_trace(cascade::trace_id_of(error->full_error()));
    failed.call.failed_attempt = true;
    if (!failed.call.trace_id.empty()) found_.calls.push_back(std::move(failed));
  }

  void add_refused(const gemini_coder::Trajectory& trajectory, const retries& attempts, const std::string& cascade) {
    for (const auto& attempt : attempts) {
      listed_call listed = fresh(trajectory, cascade);
      listed.call.trace_id = usage::plain_trace(attempt.trace_id());
      listed.call.failed_attempt = true;
      if (attempt.has_usage()) {
        add(std::move(listed), attempt.usage());
      } else {
        found_.calls.push_back(std::move(listed));
      }
    }
  }

  void add_sub_agent(const gemini_coder::Trajectory& inner, const std::string& parent, int depth) {
    const bool own = !inner.cascade_id().empty() && inner.cascade_id() != parent;
    const std::string& child = own ? inner.cascade_id() : inner.trajectory_id();
    if (!child.empty()) found_.sub_agents.push_back({child, parent, own});
    add_trajectory(inner, own ? inner.cascade_id() : parent, 0, depth);
  }

  turn_of turn_;
  trajectory_calls& found_;
};

}  // namespace

trajectory_calls calls_of(const gemini_coder::Trajectory& trajectory, turn_of turn, std::uint32_t first_step) {
  trajectory_calls found;
  walk(turn, found).add_trajectory(trajectory, std::string(turn.cascade_id), first_step, 0);
  return found;
}

std::vector<usage::server_call> calls_of(const cascade::event& event, turn_of turn) {
  usage::server_call call;
  call.conversation = turn.cascade_id;
  call.request_id = turn.request_id;
  if (const auto* told = std::get_if<cascade::token_usage>(&event)) {
    call.response_id = told->response_id;
    call.model = told->response_model;
    call.failed_attempt = told->failed_attempt;
    call.tokens.input_uncached = count(told->input);
    call.tokens.cache_read = count(told->cache_read);
    if (told->cache_write != 0) call.tokens.cache_write = count(told->cache_write);
    call.tokens.output_total = count(told->output);
    call.tokens.thinking = count(told->reasoning);
  } else if (const auto* failure = std::get_if<cascade::failed>(&event)) {
    call.trace_id = usage::plain_trace(failure->trace_id);
    call.failed_attempt = true;
  }
  if (call.response_id.empty() && call.trace_id.empty()) return {};
  return {std::move(call)};
}

}  // namespace app
