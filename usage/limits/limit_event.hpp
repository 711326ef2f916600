#pragma once

// Reads limits from the event `codex.rate_limits`, which Codex gets over its WebSocket and within event streams. Pure.

#include <cstdint>
#include <string_view>
#include <vector>

#include "usage/limits/limit_window.hpp"

namespace usage {

/// The windows have the names that the header fields give them. Empty where `event` is no such event. `now` in Unix ms.
std::vector<limit_window> read_limit_event(std::string_view event, std::int64_t now);

}  // namespace usage
