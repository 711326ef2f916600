#include "cascade/core/step_reducer.hpp"

#include <algorithm>
#include <utility>

namespace cascade {
namespace {

using exa::cortex_pb::CASCADE_RUN_STATUS_IDLE;
using exa::cortex_pb::CASCADE_RUN_STATUS_UNSPECIFIED;
using exa::jetski_cortex_pb::CascadeState;
using gemini_coder::Step;

std::uint32_t step_count(const CascadeState& state) {
  return static_cast<std::uint32_t>(state.trajectory().steps_size());
}

bool speaks(step_kind kind) {
  return kind == step_kind::reply || kind == step_kind::error;
}

template <class Delta, class Rewritten>
void tell(std::vector<event>& events, std::uint32_t index, text_patch::change change) {
  if (change.what == text_patch::verdict::extended) events.emplace_back(Delta{index, change.text});
  if (change.what == text_patch::verdict::rewritten) events.emplace_back(Rewritten{index, change.text});
}

}  // namespace

std::span<const event> step_reducer::apply(const state_type& state, const changes& what) {
  events_.clear();
  if (ended_ || what.none()) return events_;
  if (what.everything || what.length) follow_length(state);
  if (what.everything) {
    for (std::uint32_t i = first_step_; i < step_count(state); ++i) follow_step(state, {i, part_all});
  } else {
    for (const step_change& change : what.steps) follow_step(state, change);
  }
  usage_.follow(state, what, execution_id_, events_);
  follow_status(state);
  return events_;
}

// Makes all slots before any event, because events view strings inside them.
void step_reducer::follow_length(const state_type& state) {
  const std::uint32_t total = step_count(state);
  const std::size_t size = total > first_step_ ? total - first_step_ : 0;
  while (steps_.size() > size) drop_last_step();
  steps_.resize(size);
  if (last_reply_ > size) find_last_reply();
}

void step_reducer::drop_last_step() {
  const tracked_step& gone = steps_.back();
  const auto index = first_step_ + static_cast<std::uint32_t>(steps_.size() - 1);
  if (!gone.reasoning.said().empty()) events_.emplace_back(reasoning_rewritten{index, {}});
  if (!gone.text.said().empty()) events_.emplace_back(text_rewritten{index, {}});
  if (gone.status == step_status::waiting) --waiting_;
  steps_.pop_back();
}

// Walks back, but only for the rare update that removed the last reply.
void step_reducer::find_last_reply() {
  last_reply_ = std::min(last_reply_, steps_.size());
  while (last_reply_ > 0 && !speaks(steps_[last_reply_ - 1].kind)) --last_reply_;
}

void step_reducer::follow_step(const state_type& state, step_change change) {
  if (change.step < first_step_ || change.step - first_step_ >= steps_.size()) return;
  const std::size_t place = change.step - first_step_;
  const Step& step = state.trajectory().steps(static_cast<int>(change.step));
  tracked_step& known = steps_[place];
  if (const auto& id = step.metadata().execution_id(); !id.empty() && id != execution_id_) execution_id_ = id;

  known.kind = kind_of(step);
  if (speaks(known.kind)) last_reply_ = std::max(last_reply_, place + 1);
  if (last_reply_ == place + 1) find_last_reply();
  follow_reply(step, change, known);
  if (known.kind == step_kind::tool) follow_tool(step, change.step, known);

  const step_status before = std::exchange(known.status, status_of(step));
  if (before == known.status) return;
  if (before == step_status::waiting) --waiting_;
  if (known.status == step_status::waiting) {
    ++waiting_;
    tell_waiting(state, change.step);
  }
}

// Also called for a step that is no reply, or no longer: its text is gone then.
void step_reducer::follow_reply(const Step& step, step_change change, tracked_step& known) {
  const bool reply = known.kind == step_kind::reply;
  if (!reply || change.parts & part_reasoning) {
    tell<reasoning_delta, reasoning_rewritten>(events_, change.step, known.reasoning.update(reply_reasoning(step)));
  }
  if (!reply || change.parts & part_text) {
    tell<text_delta, text_rewritten>(events_, change.step, known.text.update(reply_text(step)));
  }
}

void step_reducer::follow_tool(const Step& step, std::uint32_t index, tracked_step& known) {
  std::string name = tool_name(step);
  const step_status status = status_of(step);
  if (name == known.name && status == known.status) return;
  known.name = std::move(name);
  events_.emplace_back(tool_step{.step = index,
                                 .call_id = step.metadata().tool_call().id(),
                                 .name = known.name,
                                 .arguments = tool_arguments(step),
                                 .status = status});
}

void step_reducer::tell_waiting(const state_type& state, std::uint32_t index) {
  const Step& step = state.trajectory().steps(static_cast<int>(index));
  events_.emplace_back(waiting{.step = index,
                               .trajectory_id = state.trajectory().trajectory_id(),
                               .kind = interaction_of(step),
                               .requested = step.has_requested_interaction(),
                               .name = steps_[index - first_step_].name,
                               .arguments = tool_arguments(step)});
}

void step_reducer::follow_status(const state_type& state) {
  const bool idle = state.status() == CASCADE_RUN_STATUS_IDLE;
  if (!idle && state.status() != CASCADE_RUN_STATUS_UNSPECIFIED && !steps_.empty()) ran_ = true;
  if (state.fully_idle()) sends_fully_idle_ = true;

  awaits_late_flush_ = false;
  const bool quiet = idle && (!sends_fully_idle_ || state.fully_idle()) && waiting_ == 0;
  if (!quiet || steps_.empty()) return;
  const bool over = last_reply_ > 0 ? terminal(steps_[last_reply_ - 1].status) : executor_of(state, scope()) != nullptr;
  if (over) return end(state);
  awaits_late_flush_ = ran_ || last_reply_ > 0;
}

turn_scope step_reducer::scope() const {
  turn_scope turn{.first_step = first_step_, .last_reply = {}, .execution_id = execution_id_};
  if (last_reply_ > 0) turn.last_reply = first_step_ + static_cast<std::uint32_t>(last_reply_ - 1);
  return turn;
}

void step_reducer::end(const state_type& state) {
  usage_.follow_all(state, execution_id_, events_);
  events_.push_back(end_of(state, scope()));
  ended_ = true;
  awaits_late_flush_ = false;
}

std::span<const event> step_reducer::end_now(const state_type& state) {
  events_.clear();
  if (!ended_) end(state);
  return events_;
}

std::size_t step_reducer::bytes_held() const {
  std::size_t bytes = steps_.capacity() * sizeof(tracked_step) + events_.capacity() * sizeof(event);
  for (const tracked_step& step : steps_) {
    bytes += step.text.said().capacity() + step.reasoning.said().capacity() + step.name.capacity();
  }
  return bytes + usage_.bytes_held() + execution_id_.capacity();
}

}  // namespace cascade
