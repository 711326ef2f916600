#pragma once

// How a turn ended, by its last reply and the executor's metadata. step_reducer asks once, at the end.

#include <cstdint>
#include <optional>
#include <string_view>

#include "cascade/core/event.hpp"
#include "proto/jetski_cortex.pb.h"

namespace cascade {

struct turn_scope {
  std::uint32_t first_step = 0;
  std::optional<std::uint32_t> last_reply;  // index of the last reply or error step
  std::string_view execution_id;            // of the turn's steps, if known
};

/// The executor's metadata of this turn. nullptr if the state has none, or only that of an earlier turn.
const exa::cortex_pb::ExecutorMetadata* executor_of(const exa::jetski_cortex_pb::CascadeState& state,
                                                    const turn_scope& turn);

/// finished or failed.
event end_of(const exa::jetski_cortex_pb::CascadeState& state, const turn_scope& turn);

}  // namespace cascade
