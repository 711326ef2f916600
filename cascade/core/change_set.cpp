#include "cascade/core/change_set.hpp"

#include <algorithm>

#include "proto/jetski_cortex.pb.h"

namespace cascade {
namespace {

using exa::cortex_pb::CortexStepPlannerResponse;
using exa::jetski_cortex_pb::CascadeState;
using exa::reactive_component_pb::FieldDiff;
using exa::reactive_component_pb::MessageDiff;
using exa::reactive_component_pb::SingularValue;
using gemini_coder::Step;
using gemini_coder::Trajectory;

std::uint8_t parts_of_reply(const FieldDiff& diff) {
  if (!diff.update_singular().has_message_value()) return part_all;
  std::uint8_t parts = 0;
  for (const FieldDiff& field : diff.update_singular().message_value().field_diffs()) {
    switch (field.field_number()) {
      case CortexStepPlannerResponse::kResponseFieldNumber:
      case CortexStepPlannerResponse::kModifiedResponseFieldNumber:
        parts |= part_text;
        break;
      case CortexStepPlannerResponse::kThinkingFieldNumber:
        parts |= part_reasoning;
        break;
      default:
        parts |= part_rest;
    }
  }
  return parts;
}

std::uint8_t parts_of_step(const SingularValue& value) {
  std::uint8_t parts = 0;
  for (const FieldDiff& field : value.message_value().field_diffs()) {
    const bool reply = field.field_number() == Step::kPlannerResponseFieldNumber;
    parts |= reply ? parts_of_reply(field) : std::uint8_t{part_rest};
  }
  return parts;
}

template <class Vector>
void empty(Vector& list, std::size_t max_kept) {
  if (list.capacity() > max_kept) Vector().swap(list);
  list.clear();
}

/// Calls `add(index, value)` for each element that diff_applier will set.
template <class Add>
void for_each_element(const FieldDiff& diff, Add add) {
  const auto& list = diff.update_repeated();
  const int count = std::min(list.update_indices_size(), list.update_values_size());
  for (int i = 0; i < count; ++i) {
    if (list.update_indices(i) < list.new_length()) add(list.update_indices(i), list.update_values(i));
  }
}

}  // namespace

void change_set::clear() {
  flags_ = {};
  empty(steps_, max_kept);
  empty(generator_metadata_, max_kept);
}

changes change_set::view() const {
  changes what = flags_;
  what.steps = steps_;
  what.generator_metadata = generator_metadata_;
  return what;
}

std::size_t change_set::bytes_held() const {
  return steps_.capacity() * sizeof(step_change) + generator_metadata_.capacity() * sizeof(std::uint32_t);
}

void change_set::collect(const MessageDiff& diff) {
  for (const FieldDiff& field : diff.field_diffs()) {
    switch (field.field_number()) {
      case CascadeState::kTrajectoryFieldNumber:
        collect_trajectory(field);
        break;
      case CascadeState::kStatusFieldNumber:
      case CascadeState::kExecutorMetadataFieldNumber:
      case CascadeState::kFullyIdleFieldNumber:
        add_status();
        break;
      default:
        break;
    }
  }
}

void change_set::collect_trajectory(const FieldDiff& diff) {
  if (!diff.update_singular().has_message_value()) return add_everything();
  for (const FieldDiff& field : diff.update_singular().message_value().field_diffs()) {
    switch (field.field_number()) {
      case Trajectory::kStepsFieldNumber:
        collect_steps(field);
        break;
      case Trajectory::kGeneratorMetadataFieldNumber:
        collect_generator_metadata(field);
        break;
      case Trajectory::kExecutorMetadatasFieldNumber:
        add_status();
        break;
      default:
        break;
    }
  }
}

void change_set::collect_steps(const FieldDiff& diff) {
  add_length();
  for_each_element(diff, [this](std::uint32_t index, const SingularValue& value) {
    if (const std::uint8_t parts = parts_of_step(value)) add_step(index, parts);
  });
}

void change_set::collect_generator_metadata(const FieldDiff& diff) {
  for_each_element(diff, [this](std::uint32_t index, const SingularValue&) { add_generator_metadata(index); });
}

}  // namespace cascade
