#pragma once

// GET /v1/usage/verify, which changes no row, and POST /v1/usage/verify?apply=1, which has the rows that differ booked
// anew.

#include <chrono>
#include <cstddef>
#include <vector>

#include "app/http/session.hpp"
#include "app/ledger_api/usage_routes.hpp"

namespace app {

/// Corrections that the writer gets at once: rows that come meanwhile wait for no more than these.
inline constexpr std::size_t corrections_at_once = 256;
/// How long one request goes on correcting. Its answer says if there is more.
inline constexpr std::chrono::seconds correcting_time{10};

/// The sources outlive the routes.
std::vector<api_route> verify_routes(usage_sources sources);

}  // namespace app
