#include "cascade/core/diff_applier.hpp"

#include <algorithm>
#include <memory>

#include "cascade/core/field_store.hpp"
#include "cascade/core/map_index.hpp"

namespace cascade {

namespace reactive = exa::reactive_component_pb;
using google::protobuf::FieldDescriptor;

void diff_applier::apply(message& target, message_diff&& diff) {
  growth_left_ = limits_.max_new_elements;
  apply_message(target, diff, 0);
}

void diff_applier::apply_message(message& target, message_diff& diff, int depth) {
  if (depth >= limits_.max_depth) {
    ++counts_.refused;
    return;
  }
  for (field_diff& change : *diff.mutable_field_diffs()) apply_field(target, change, depth);
}

void diff_applier::apply_field(message& target, field_diff& diff, int depth) {
  const std::uint32_t number = diff.field_number();
  const field* descriptor = number <= FieldDescriptor::kMaxNumber
                                ? target.GetDescriptor()->FindFieldByNumber(static_cast<int>(number))
                                : nullptr;
  if (!descriptor) {
    ++counts_.unknown_fields;
    return;
  }
  switch (diff.diff_case()) {
    case field_diff::kUpdateSingular:
      return update_singular(target, *descriptor, *diff.mutable_update_singular(), depth);
    case field_diff::kUpdateRepeated:
      return update_repeated(target, *descriptor, *diff.mutable_update_repeated(), depth);
    case field_diff::kUpdateMap:
      return update_map(target, *descriptor, *diff.mutable_update_map(), depth);
    case field_diff::kClear:
      if (diff.clear()) target.GetReflection()->ClearField(&target, descriptor);
      return;
    case field_diff::DIFF_NOT_SET:
      ++counts_.mismatches;
  }
}

void diff_applier::update_singular(message& target, const field& descriptor, singular_value& value, int depth) {
  const bool is_message = descriptor.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  const bool fits = !descriptor.is_repeated() && is_message == value.has_message_value();
  if (fits && is_message) {
    apply_message(*target.GetReflection()->MutableMessage(&target, &descriptor), *value.mutable_message_value(),
                  depth + 1);
  } else if (!fits || !store({target, descriptor}, value)) {
    ++counts_.mismatches;
  }
}

void diff_applier::update_repeated(message& target, const field& descriptor, reactive::RepeatedDiff& diff, int depth) {
  if (!descriptor.is_repeated() || descriptor.is_map()) {
    ++counts_.mismatches;
    return;
  }
  if (!resize(target, descriptor, diff)) return;
  const auto& reflection = *target.GetReflection();
  const int count = std::min(diff.update_values_size(), diff.update_indices_size());
  counts_.out_of_range += std::max(diff.update_values_size(), diff.update_indices_size()) - count;
  for (int i = 0; i < count; ++i) {
    singular_value& value = *diff.mutable_update_values(i);
    const std::uint32_t index = diff.update_indices(i);
    if (index >= diff.new_length()) {
      ++counts_.out_of_range;
    } else if (descriptor.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!store({target, descriptor, static_cast<int>(index)}, value)) ++counts_.mismatches;
    } else if (value.has_message_value()) {
      apply_message(*reflection.MutableRepeatedMessage(&target, &descriptor, static_cast<int>(index)),
                    *value.mutable_message_value(), depth + 1);
    } else {
      ++counts_.mismatches;
    }
  }
}

bool diff_applier::resize(message& target, const field& descriptor, const reactive::RepeatedDiff& diff) {
  const auto& reflection = *target.GetReflection();
  const auto old_length = static_cast<std::size_t>(reflection.FieldSize(target, &descriptor));
  const std::size_t new_length = diff.new_length();
  const std::size_t grown = new_length > old_length ? new_length - old_length : 0;
  if (new_length > limits_.max_length || grown > growth_left_) {
    ++counts_.refused;
    return false;
  }
  growth_left_ -= grown;
  for (std::size_t i = 0; i < grown; ++i) append_default(target, descriptor);
  for (std::size_t i = new_length; i < old_length; ++i) remove_last(target, descriptor);
  return true;
}

void diff_applier::update_map(message& target, const field& descriptor, reactive::MapDiff& diff, int depth) {
  if (!descriptor.is_map()) {
    ++counts_.mismatches;
    return;
  }
  map_index entries(target, descriptor);
  const std::unique_ptr<message> probe(
      target.GetReflection()->GetMessageFactory()->GetPrototype(descriptor.message_type())->New());
  for (reactive::MapKeyDiff& change : *diff.mutable_map_key_diffs()) {
    probe->Clear();
    if (!store({*probe, entries.key()}, *change.mutable_map_key())) {
      ++counts_.mismatches;
    } else if (change.has_update_singular()) {
      update_singular(entries.find_or_add(*probe), entries.value(), *change.mutable_update_singular(), depth + 1);
    } else if (change.clear()) {
      entries.erase(*probe);
    }
  }
}

}  // namespace cascade
