#pragma once

// The routes that read the ledger: /v1/usage, /v1/usage/exchanges and /v1/organization/usage/completions. Each request
// opens a reader of its own on the blocking pool, so a slow report delays nothing else.

#include <vector>

#include "app/api_session.hpp"
#include "app/metrics.hpp"
#include "mitm/bypass_list.hpp"
#include "net/executor.hpp"
#include "usage/ledger/ledger.hpp"

namespace app {

/// All outlive the routes.
struct usage_sources {
  const usage::ledger_options& ledger;
  net::blocking_pool& blocking;
  const metrics& counters;
  const mitm::bypass_list& bypassed;
};

std::vector<api_route> usage_routes(usage_sources sources);

}  // namespace app
