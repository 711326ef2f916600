#pragma once

// The service's own API of cascades, which `zerogravity cascade` speaks: everything that a turn says, one JSON object
// per line as it comes.
//
//   GET  /v1/cascades                     the cascades of the language server
//   POST /v1/cascades                     {"text", "model"?, "permissions"?} begins one; the answer is its turn
//   POST /v1/cascades/{id}/turns          the same in a cascade that goes on
//   POST /v1/cascades/{id}/cancel         ends its turn
//   POST /v1/cascades/{id}/interactions   {"step", "trajectory_id", "kind", "allow"} answers a step that waits
//
// A client may ask for less than the configured permissions, and for more where the configuration says so and the
// client sends the key.

#include <vector>

#include "app/cascade_api/cascade_request.hpp"
#include "app/http/session.hpp"
#include "app/turns/live_turn.hpp"
#include "app/turns/model_catalog.hpp"
#include "cascade/rpc/permission.hpp"

namespace app {

/// What the routes borrow; all outlive the API server's drain.
struct cascade_context {
  cascade::dispatcher& servers;
  turn_starter& turns;
  model_source& models;
  permission_rule permissions;
  cascade::turn_limits limits;
};

std::vector<api_route> cascade_routes(cascade_context& context);

}  // namespace app
