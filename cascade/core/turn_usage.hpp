#pragma once

// Finds the token counts of one turn's model calls in a CascadeState: generator metadata, step metadata, and the failed
// attempts that either lists. step_reducer owns one; its usage_by_call counts each call once.

#include <cstdint>
#include <string_view>
#include <vector>

#include "cascade/core/changes.hpp"
#include "cascade/core/event.hpp"
#include "cascade/core/usage_by_call.hpp"
#include "proto/jetski_cortex.pb.h"

namespace cascade {

class turn_usage {
 public:
  using state_type = exa::jetski_cortex_pb::CascadeState;

  explicit turn_usage(std::uint32_t first_step) : first_step_(first_step) {}

  /// A model call belongs to the turn if it made one of its steps, or if it has made none yet and has the turn's
  /// execution id.
  void follow(const state_type& state, const changes& what, std::string_view execution_id, std::vector<event>& events);

  /// Looks at every call again: only now is it known that some belong to the turn.
  void follow_all(const state_type& state, std::string_view execution_id, std::vector<event>& events) {
    follow(state, changes::all(), execution_id, events);
  }

  std::size_t bytes_held() const { return calls_.bytes_held(); }

 private:
  using usage_stats = exa::codeium_common_pb::ModelUsageStats;
  using retries = google::protobuf::RepeatedPtrField<exa::cortex_pb::RetryInfo>;
  using call_metadata = exa::cortex_pb::CortexStepGeneratorMetadata;

  bool belongs(const call_metadata& call, std::string_view execution_id) const;
  void add_call(std::uint32_t index, const exa::cortex_pb::ChatModelMetadata& call, std::vector<event>& events);
  void add_step(const gemini_coder::Step& step, std::vector<event>& events);
  void add_retries(const retries& attempts, std::string_view place, std::vector<event>& events);
  void add(const usage_by_call::call& call, const usage_stats& usage, std::vector<event>& events);

  std::uint32_t first_step_;
  usage_by_call calls_;
};

}  // namespace cascade
