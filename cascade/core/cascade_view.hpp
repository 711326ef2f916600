#pragma once

// The state of one followed cascade, kept current by whichever stream the server offers: reactive diffs, sparse agent
// state, or polled answers. Pure; update_stream drives it and hands the changes to a step_reducer.
//
// Fields that our messages lack are dropped. The cost of an update depends on its own size, not on that of the state.

#include <cstddef>
#include <cstdint>

#include "cascade/core/change_set.hpp"
#include "cascade/core/diff_applier.hpp"
#include "cascade/core/errc.hpp"
#include "cascade/core/limits.hpp"
#include "proto/jetski_cortex.pb.h"
#include "proto/language_server.pb.h"

namespace cascade {

class cascade_view {
 public:
  using state_type = exa::jetski_cortex_pb::CascadeState;
  using reactive_update = exa::reactive_component_pb::StreamReactiveUpdatesResponse;
  using agent_update = exa::jetski_cortex_pb::AgentStateUpdate;
  using steps_answer = exa::language_server_pb::GetCascadeTrajectoryStepsResponse;
  using trajectory_answer = exa::language_server_pb::GetCascadeTrajectoryResponse;
  using generator_answer = exa::language_server_pb::GetCascadeTrajectoryGeneratorMetadataResponse;

  explicit cascade_view(view_limits limits = {}) : limits_(limits), applier_(limits.diff) {}

  /// Call this when a new subscription begins; its first reactive update is a snapshot. The state stays readable until
  /// then.
  changes reset();

  /// After an error (see errc), subscribe again and call reset(). The overloads taking && move strings instead of
  /// copying.
  result<changes> apply(reactive_update&& update);
  result<changes> apply(const reactive_update& update) { return apply(reactive_update(update)); }

  /// Sparse: whole steps replace their predecessors. Absent parts and status 0 change nothing.
  changes apply(agent_update&& update);
  changes apply(const agent_update& update) { return apply(agent_update(update)); }

  /// Applies a polled answer: the steps from `offset` on. Steps beyond the answer stay. A poller must ask for the
  /// status first and apply it last; otherwise a turn could look finished before its last step was read.
  changes apply_steps(std::uint32_t offset, steps_answer&& answer);
  changes apply_steps(std::uint32_t offset, const steps_answer& answer) {
    return apply_steps(offset, steps_answer(answer));
  }
  changes apply_generator_metadata(std::uint32_t offset, generator_answer&& answer);
  changes apply_generator_metadata(std::uint32_t offset, const generator_answer& answer) {
    return apply_generator_metadata(offset, generator_answer(answer));
  }

  /// Takes the run status and the executors' endings; cuts the steps to num_total_steps if the answer has it.
  changes apply(const trajectory_answer& answer);

  const state_type& state() const { return state_; }

  /// Walks the whole state, so do not call it for every update.
  std::size_t bytes_held() const;
  /// True after an apply() that took the state past its limit. Give up the cascade, or call reset() and start again.
  bool too_large() const { return too_large_; }
  /// Counts what could not be applied.
  diff_counts counts() const;

 private:
  bool in_order(std::uint64_t version);
  void measure(std::size_t added);
  void start_over();
  void take_status(agent_update& update);
  void take_trajectory(exa::jetski_cortex_pb::TrajectoryUpdate& update);

  /// After this many gaps in a row, assume that the server does not count by one; only a step back is a gap then.
  static constexpr unsigned max_gaps_in_a_row = 2;

  view_limits limits_;
  diff_applier applier_;
  diff_counts sparse_counts_;
  state_type state_;
  change_set changes_;
  std::uint64_t version_ = 0;
  unsigned gaps_in_a_row_ = 0;
  bool awaiting_snapshot_ = true;
  bool too_large_ = false;
  std::size_t unmeasured_bytes_ = 0;
  std::size_t measured_bytes_ = 0;
};

}  // namespace cascade
