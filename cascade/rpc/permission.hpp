#pragma once

// Whether a step that waits for the user is allowed, denied or left to the client, by the kind of its question.
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

/// The answer yes or no in the form that this kind of question takes. nullopt if the kind has no such answer; cancel
/// the turn then, or it stands still for ever.
std::optional<exa::cortex_pb::CascadeUserInteraction> answer_to(const waiting& step, bool yes);

}  // namespace cascade
