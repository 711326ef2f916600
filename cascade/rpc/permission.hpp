#pragma once

// What becomes of a step that waits for the user: allowed, denied, or left to the client, by the kind of what it asks.
// Pure.

#include <cstdint>
#include <optional>
#include <string_view>

#include "cascade/core/event.hpp"

namespace exa::cortex_pb {
class CascadeUserInteraction;
}

namespace cascade {

enum class permission : std::uint8_t {
  deny,
  allow,
  report,  // the client answers; until then the turn stands still
};

std::string_view to_string(permission verdict);

struct permission_policy {
  permission run_command = permission::deny;
  permission file = permission::deny;
  permission other = permission::deny;  // pages, MCP servers, the browser, kinds of newer builds

  permission of(interaction_kind kind) const;
};

/// An answer of yes or no, in the shape that the kind of question takes. Nothing for a kind that cannot be answered so:
/// the turn must be cancelled, or it would stand still for ever.
std::optional<exa::cortex_pb::CascadeUserInteraction> answer_to(const waiting& step, bool yes);

}  // namespace cascade
