#pragma once

// The routes that read the ledger: /v1/usage, /v1/usage/exchanges and /v1/organization/usage/completions.
// ledger_reports reads and renders their answers, so that a slow report delays nothing else.

#include <string>
#include <string_view>
#include <vector>

#include "app/http/session.hpp"
#include "app/ledger_api/ledger_reports.hpp"
#include "app/ledger_api/usage_api.hpp"
#include "app/metrics/metrics.hpp"
#include "mitm/bypass_list.hpp"
#include "mitm/interceptor.hpp"
#include "net/executor.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

/// All outlive the routes.
struct usage_sources {
  ledger_reports& reports;
  usage::ledger_writer& writer;
  net::blocking_pool& blocking;
  const metrics& counters;
  const mitm::bypass_list& bypassed;
  const mitm::interceptor& connections;  // the open ones
};

/// The key of a report: requests with the same target share it.
std::string report_key(const api_request& request);

std::vector<api_route> usage_routes(usage_sources sources);

/// What the interceptor has seen so far: the counters, the bypassed hosts and the open connections.
interception_report interception_of(const metrics& counters, const mitm::bypass_list& bypassed,
                                    const mitm::interceptor& connections);

}  // namespace app
