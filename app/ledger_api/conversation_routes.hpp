#pragma once

// /v1/usage/conversations/{id} and /v1/usage/reconcile. The latter asks the language server first, so that cascades of
// other clients are compared, too.

#include <chrono>
#include <vector>

#include "app/accounting/attribution_service.hpp"
#include "app/http/session.hpp"
#include "app/ledger_api/usage_routes.hpp"
#include "app/turns/language_server.hpp"

namespace app {

/// All outlive the routes.
struct conversation_sources {
  usage_sources usage;
  attribution_service& attribution;
  language_server& server;
};

std::vector<api_route> conversation_routes(conversation_sources sources);

}  // namespace app
