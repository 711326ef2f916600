#pragma once

// The route that tells what providers tell of limits: /v1/limits.

#include <vector>

#include "app/http/session.hpp"
#include "app/ledger_api/usage_routes.hpp"

namespace app {

std::vector<api_route> limits_routes(usage_sources sources);

}  // namespace app
