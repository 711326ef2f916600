#pragma once

// Collects `changes` while an update is applied. For reactive diffs it reads the diff's own field numbers, level by
// level down to a step's texts, so that the state is never scanned. cascade_view owns one.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cascade/core/changes.hpp"
#include "proto/reactive_component.pb.h"

namespace cascade {

class change_set {
 public:
  /// Room for this many indices stays allocated between updates; the many of a snapshot are freed.
  static constexpr std::size_t max_kept = 4096;

  void clear();
  void add_everything() { flags_ = changes::all(); }
  void add_status() { flags_.status = true; }
  void add_length() { flags_.length = true; }
  void add_step(std::uint32_t index, std::uint8_t parts = part_all) { steps_.push_back({index, parts}); }
  void add_generator_metadata(std::uint32_t index) { generator_metadata_.push_back(index); }

  /// `diff` is one of a CascadeState.
  void collect(const exa::reactive_component_pb::MessageDiff& diff);

  bool everything() const { return flags_.everything; }
  changes view() const;
  std::size_t bytes_held() const;

 private:
  void collect_trajectory(const exa::reactive_component_pb::FieldDiff& diff);
  void collect_steps(const exa::reactive_component_pb::FieldDiff& diff);
  void collect_generator_metadata(const exa::reactive_component_pb::FieldDiff& diff);

  changes flags_;
  std::vector<step_change> steps_;
  std::vector<std::uint32_t> generator_metadata_;
};

}  // namespace cascade
