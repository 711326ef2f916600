#pragma once

// GET /v1/usage/conversations/{id}: one conversation with its turns, their calls and attempts, and its sub-agents.
// Pure.

#include <boost/json/object.hpp>

#include "usage/ledger/reports/conversation_record.hpp"

namespace app {

/// Calls are listed by logical request under the turn that made them; those of no turn of the API under other_calls.
boost::json::object render_conversation(const usage::conversation_record& record);

}  // namespace app
