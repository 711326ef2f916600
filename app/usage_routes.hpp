#pragma once

// The routes that read the ledger: /v1/usage, /v1/usage/exchanges and /v1/organization/usage/completions. Each request
// opens a reader of its own on the blocking pool, so a slow report delays nothing else.

#include <chrono>
#include <vector>

#include <boost/json/object.hpp>

#include "app/api_session.hpp"
#include "app/metrics.hpp"
#include "app/usage_api.hpp"
#include "mitm/bypass_list.hpp"
#include "mitm/interceptor.hpp"
#include "net/executor.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

/// How long an answer waits for rows that are queued: who has just seen an exchange end expects to find it.
inline constexpr std::chrono::milliseconds flush_patience{250};

/// All outlive the routes.
struct usage_sources {
  const usage::ledger_options& ledger;
  usage::ledger_writer& writer;
  net::blocking_pool& blocking;
  const metrics& counters;
  const mitm::bypass_list& bypassed;
  const mitm::interceptor& connections;  // the open ones
};

api_response json_answer(const boost::json::object& document);

std::vector<api_route> usage_routes(usage_sources sources);

/// What has come so far: the counters, the bypassed hosts and the open connections.
interception_report interception_of(const metrics& counters, const mitm::bypass_list& bypassed,
                                    const mitm::interceptor& connections);

}  // namespace app
