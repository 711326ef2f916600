#pragma once

// One turn of a cascade: asks the model, shows its words as they come, does what the switches ask for, and ends.

#include <memory>

#include "test/sim/language_server/calls/provider.hpp"
#include "test/sim/language_server/live_cascade.hpp"

namespace sim::ls {

/// Runs `said`, which add() accepted, and whatever is queued behind it; returns at once. `upstream` must outlive the
/// executor's work.
void start_turn(std::shared_ptr<live_cascade>, provider& upstream, prompt said);

}  // namespace sim::ls
