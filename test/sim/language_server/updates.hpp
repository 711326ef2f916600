#pragma once

// What each kind of stream says about the way from one moment of a cascade to another. Pure.

#include "proto/jetski_cortex.pb.h"
#include "proto/reactive_component.pb.h"
#include "test/sim/language_server/transcript.hpp"

namespace sim::ls {

/// Rooted at exa.jetski_cortex_pb.CascadeState; against transcript{} it is the whole state.
exa::reactive_component_pb::MessageDiff reactive_diff(const transcript& from, const transcript& to);

/// Sparse, with whole steps; `whole` tells everything, as the first update of a subscription does.
exa::jetski_cortex_pb::AgentStateUpdate agent_update(const transcript& from, const transcript& to, bool whole);

exa::jetski_cortex_pb::CascadeTrajectorySummary summary_of(const transcript&);

}  // namespace sim::ls
