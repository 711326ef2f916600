#include "test/sim/language_server/updates.hpp"

#include "test/sim/language_server/message_diff.hpp"

namespace sim::ls {
namespace {

namespace jetski = exa::jetski_cortex_pb;
namespace reactive = exa::reactive_component_pb;

/// The state but for its lists, which are compared by address.
jetski::CascadeState frame(const transcript& of) {
  jetski::CascadeState state;
  state.set_cascade_id(of.cascade_id);
  state.set_status(of.status);
  state.set_executable_status(of.status);
  state.set_executor_loop_status(of.status);
  if (of.fully_idle) state.set_fully_idle(*of.fully_idle);
  if (!of.executor_metadata.empty()) *state.mutable_executor_metadata() = *of.executor_metadata.back();
  return state;
}

gemini_coder::Trajectory trajectory_frame(const transcript& of) {
  if (of.trajectory_id.empty()) return {};
  transcript without_lists;
  without_lists.cascade_id = of.cascade_id;
  without_lists.trajectory_id = of.trajectory_id;
  without_lists.created_at = of.created_at;
  return whole_trajectory(without_lists);
}

template <class Message>
void add_list(reactive::MessageDiff& out, int number, const shared_list<Message>& from,
              const shared_list<Message>& to) {
  if (from == to) return;
  auto& change = *out.add_field_diffs();
  change.set_field_number(static_cast<std::uint32_t>(number));
  auto& list = *change.mutable_update_repeated();
  list.set_new_length(static_cast<std::uint32_t>(to.size()));
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (i < from.size() && from[i] == to[i]) continue;
    list.add_update_indices(static_cast<std::uint32_t>(i));
    const auto& before = i < from.size() ? *from[i] : Message::default_instance();
    *list.add_update_values()->mutable_message_value() = diff_messages(before, *to[i]);
  }
}

/// False: nothing changed.
template <class Update, class Message, class Add>
bool fill(Update& update, const shared_list<Message>& from, const shared_list<Message>& to, Add add) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (i < from.size() && from[i] == to[i]) continue;
    update.add_indices(static_cast<std::uint32_t>(i));
    add(*to[i]);
  }
  update.set_total_length(static_cast<std::uint32_t>(to.size()));
  return from != to;
}

void fill_trajectory(jetski::TrajectoryUpdate& out, const transcript& from, const transcript& to, bool whole) {
  auto& steps = *out.mutable_steps_update();
  if (!fill(steps, from.steps, to.steps, [&](const auto& step) { *steps.add_steps() = step; }) && !whole)
    out.clear_steps_update();
  auto& calls = *out.mutable_generator_metadatas_update();
  const auto add_call = [&](const auto& call) { *calls.add_generator_metadatas() = call; };
  if (!fill(calls, from.generator_metadata, to.generator_metadata, add_call) && !whole)
    out.clear_generator_metadatas_update();
  auto& runs = *out.mutable_executor_metadatas_update();
  const auto add_run = [&](const auto& run) { *runs.add_executor_metadatas() = run; };
  if (!fill(runs, from.executor_metadata, to.executor_metadata, add_run) && !whole)
    out.clear_executor_metadatas_update();
}

bool lists_differ(const transcript& from, const transcript& to) {
  return from.steps != to.steps || from.generator_metadata != to.generator_metadata ||
         from.executor_metadata != to.executor_metadata;
}

}  // namespace

reactive::MessageDiff reactive_diff(const transcript& from, const transcript& to) {
  using state = jetski::CascadeState;
  using gemini_coder::Trajectory;
  auto out = diff_messages(frame(from), frame(to));
  auto inner = diff_messages(trajectory_frame(from), trajectory_frame(to));
  add_list(inner, Trajectory::kStepsFieldNumber, from.steps, to.steps);
  add_list(inner, Trajectory::kGeneratorMetadataFieldNumber, from.generator_metadata, to.generator_metadata);
  add_list(inner, Trajectory::kExecutorMetadatasFieldNumber, from.executor_metadata, to.executor_metadata);
  if (!inner.field_diffs().empty()) {
    auto& change = *out.add_field_diffs();
    change.set_field_number(state::kTrajectoryFieldNumber);
    *change.mutable_update_singular()->mutable_message_value() = std::move(inner);
  }
  add_list(out, state::kQueuedStepsFieldNumber, from.queued_steps, to.queued_steps);
  return out;
}

jetski::AgentStateUpdate agent_update(const transcript& from, const transcript& to, bool whole) {
  jetski::AgentStateUpdate out;
  out.set_conversation_id(to.cascade_id);
  out.set_trajectory_id(to.trajectory_id);
  if (whole || from.status != to.status) {
    out.set_status(to.status);
    out.set_executable_status(to.status);
    out.set_executor_loop_status(to.status);
  }
  if ((whole || from.fully_idle != to.fully_idle) && to.fully_idle) out.set_fully_idle(*to.fully_idle);
  if (from.executor_metadata != to.executor_metadata && !to.executor_metadata.empty())
    *out.mutable_executor_metadata() = *to.executor_metadata.back();
  if (whole || lists_differ(from, to)) fill_trajectory(*out.mutable_main_trajectory_update(), from, to, whole);
  return out;
}

jetski::CascadeTrajectorySummary summary_of(const transcript& of) {
  jetski::CascadeTrajectorySummary summary;
  summary.set_summary(of.title);
  summary.set_step_count(static_cast<std::uint32_t>(of.steps.size()));
  summary.set_trajectory_id(of.trajectory_id);
  summary.set_status(of.status);
  summary.mutable_created_time()->set_seconds(of.created_at);
  summary.mutable_last_modified_time()->set_seconds(std::time(nullptr));
  for (std::size_t i = 0; i < of.steps.size(); ++i) {
    if (of.steps[i]->type() == cortex::CORTEX_STEP_TYPE_USER_INPUT)
      summary.set_last_user_input_step_index(static_cast<std::uint32_t>(i));
    if (of.steps[i]->status() != cortex::CORTEX_STEP_STATUS_WAITING) continue;
    auto& waiting = *summary.add_waiting_steps();
    *waiting.mutable_step() = *of.steps[i];
    waiting.set_step_index(static_cast<std::uint32_t>(i));
  }
  return summary;
}

}  // namespace sim::ls
