#include "cascade/core/turn_usage.hpp"

#include <algorithm>
#include <string>

namespace cascade {
namespace {

std::string_view key_of(const exa::codeium_common_pb::ModelUsageStats& usage) {
  return usage.response_id().empty() ? usage.message_id() : usage.response_id();
}

}  // namespace

void turn_usage::follow(const state_type& state, const changes& what, std::string_view execution_id,
                        std::vector<event>& events) {
  const auto& calls = state.trajectory().generator_metadata();
  const auto& steps = state.trajectory().steps();
  const auto visit_call = [&](std::uint32_t index) {
    if (index >= static_cast<std::uint32_t>(calls.size())) return;
    const call_metadata& call = calls.Get(static_cast<int>(index));
    if (call.has_chat_model() && belongs(call, execution_id)) add_call(index, call.chat_model(), events);
  };
  const auto visit_step = [&](std::uint32_t index) {
    const bool of_turn = index >= first_step_ && index < static_cast<std::uint32_t>(steps.size());
    if (of_turn) add_step(steps.Get(static_cast<int>(index)), events);
  };
  if (what.everything) {
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(calls.size()); ++i) visit_call(i);
    for (std::uint32_t i = first_step_; i < static_cast<std::uint32_t>(steps.size()); ++i) visit_step(i);
    return;
  }
  for (const std::uint32_t index : what.generator_metadata) visit_call(index);
  for (const step_change& change : what.steps) {
    if (change.parts & part_rest) visit_step(change.step);
  }
}

bool turn_usage::belongs(const call_metadata& call, std::string_view execution_id) const {
  const auto& made = call.step_indices();
  if (made.empty()) return !execution_id.empty() && call.execution_id() == execution_id;
  return std::ranges::any_of(made, [this](std::uint32_t step) { return step >= first_step_; });
}

void turn_usage::add_call(std::uint32_t index, const exa::cortex_pb::ChatModelMetadata& call,
                          std::vector<event>& events) {
  // Only builds without response ids need the call's place to identify it.
  const bool named = !key_of(call.usage()).empty();
  const std::string place = named && call.retry_infos().empty() ? std::string() : "call " + std::to_string(index);
  add_retries(call.retry_infos(), place, events);
  if (!call.has_usage()) return;
  add({.key = named ? key_of(call.usage()) : place, .response_model = call.response_model()}, call.usage(), events);
}

// Without an id a step's usage cannot be distinguished from the same call's generator metadata, which every build has.
void turn_usage::add_step(const gemini_coder::Step& step, std::vector<event>& events) {
  add_retries(step.metadata().retry_infos(), {}, events);
  const usage_stats& usage = step.metadata().model_usage();
  if (!key_of(usage).empty()) add({.key = key_of(usage)}, usage, events);
}

void turn_usage::add_retries(const retries& attempts, std::string_view place, std::vector<event>& events) {
  for (int i = 0; i < attempts.size(); ++i) {
    const auto& attempt = attempts.Get(i);
    if (!attempt.has_usage()) continue;
    std::string_view key = key_of(attempt.usage());
    if (key.empty()) key = attempt.trace_id();
    std::string by_place;
    if (key.empty() && !place.empty()) key = by_place = std::string(place) + " attempt " + std::to_string(i);
    if (!key.empty()) add({.key = key, .failed_attempt = true}, attempt.usage(), events);
  }
}

void turn_usage::add(const usage_by_call::call& call, const usage_stats& usage, std::vector<event>& events) {
  if (const auto counts = calls_.add(call, usage)) events.emplace_back(*counts);
}

}  // namespace cascade
