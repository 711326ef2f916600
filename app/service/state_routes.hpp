#pragma once

// The routes that report the state of the service: /, /healthz, /readyz and /metrics.

#include <vector>

#include "app/http/server.hpp"
#include "app/metrics/metrics.hpp"
#include "app/service/service_state.hpp"
#include "net/executor.hpp"

namespace app {

/// All outlive the routes.
std::vector<api_route> state_routes(const service_state& state, metrics& counters, net::blocking_pool& blocking);

}  // namespace app
