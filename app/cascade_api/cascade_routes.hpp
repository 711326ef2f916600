#pragma once

// The service's own API for cascades, which `zerogravity cascade` uses: all events of a turn, one JSON object per line.
//
//   GET  /v1/cascades                     the cascades of the language server
//   POST /v1/cascades                     {"text", "model"?, "permissions"?} starts one; the answer is its turn
//   POST /v1/cascades/{id}/turns          continues a cascade
//   POST /v1/cascades/{id}/cancel         ends its turn
//   POST /v1/cascades/{id}/interactions   {"step", "trajectory_id", "kind", "allow"} answers a waiting step
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

/// What the routes use. Everything that it refers to outlives the draining of the API server.
struct cascade_context {
  cascade::dispatcher& servers;
  turn_starter& turns;
  model_source& models;
  permission_rule permissions;
  cascade::turn_limits limits;
};

std::vector<api_route> cascade_routes(cascade_context& context);

}  // namespace app
