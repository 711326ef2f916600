#pragma once

// Applies an exa.reactive_component_pb.MessageDiff to any message by reflection. Pure; cascade_view drives it with what
// the reactive streams send.
//
//   update_singular  scalar: replace; message: merge, created if absent; a oneof member replaces the one that was set
//   update_repeated  resize to new_length, then set update_indices[i] from update_values[i]; messages merge
//   update_map       per key: set (messages merge) or clear; costs the size of the map and of the diff
//   clear            back to absent
//
// A value of another scalar kind than the field's is converted when nothing is lost. What cannot be applied (a field
// that our messages lack, a value of the wrong shape, an index past the end) is skipped and counted. It is never fatal.

#include <cstddef>
#include <cstdint>

#include "cascade/core/limits.hpp"
#include "proto/reactive_component.pb.h"

namespace cascade {

struct diff_counts {
  std::uint64_t unknown_fields = 0;  // field numbers that our descriptors lack
  std::uint64_t mismatches = 0;      // values that do not fit their field
  std::uint64_t out_of_range = 0;    // indices beyond new_length, values without index or the reverse
  std::uint64_t refused = 0;         // passed a limit
};

class diff_applier {
 public:
  explicit diff_applier(diff_limits limits = {}) : limits_(limits) {}

  /// Strings are moved out of `diff`, which is left valid but unspecified.
  void apply(google::protobuf::Message& target, exa::reactive_component_pb::MessageDiff&& diff);

  const diff_counts& counts() const { return counts_; }
  const diff_limits& limits() const { return limits_; }

 private:
  using message_diff = exa::reactive_component_pb::MessageDiff;
  using field_diff = exa::reactive_component_pb::FieldDiff;
  using singular_value = exa::reactive_component_pb::SingularValue;
  using message = google::protobuf::Message;
  using field = google::protobuf::FieldDescriptor;

  void apply_message(message& target, message_diff& diff, int depth);
  void apply_field(message& target, field_diff& diff, int depth);
  void update_singular(message& target, const field& descriptor, singular_value& value, int depth);
  void update_repeated(message& target, const field& descriptor, exa::reactive_component_pb::RepeatedDiff& diff,
                       int depth);
  void update_map(message& target, const field& descriptor, exa::reactive_component_pb::MapDiff& diff, int depth);
  bool resize(message& target, const field& descriptor, const exa::reactive_component_pb::RepeatedDiff& diff);

  diff_limits limits_;
  diff_counts counts_;
  std::size_t growth_left_ = 0;
};

}  // namespace cascade
