#pragma once

// The events of a turn as JSON objects, one a line, for clients of the cascade API. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "cascade/core/event.hpp"

namespace app {

/// {"type":"text","step":1,"text":"…"} and so on; token counts have the names of the ledger's columns. Contains no line
/// end.
std::string cascade_event_json(const cascade::event& event);

std::string_view to_string(cascade::finish_reason reason);
std::string_view to_string(cascade::interaction_kind kind);
std::optional<cascade::interaction_kind> interaction_of(std::string_view word);

}  // namespace app
