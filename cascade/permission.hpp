#pragma once

// The answer to a step that waits for the user: allowed or denied, in the shape that its kind of question takes. Pure.

#include <cstdint>
#include <optional>

#include "cascade/core/event.hpp"
#include "proto/cortex.pb.h"

namespace cascade {

enum class permission : std::uint8_t { deny, allow };

/// Nothing for a kind of question that cannot be answered by a yes or no: the turn must be cancelled, or it would stand
/// still for ever.
std::optional<exa::cortex_pb::CascadeUserInteraction> answer_to(const waiting& step, permission verdict);

}  // namespace cascade
