#pragma once

// The answers of /healthz and /readyz. Liveness says only that the process serves; readiness lists what it depends on,
// each with its reason. Pure; the service collects the dependencies.

#include <span>

#include "app/base/dependency.hpp"
#include "app/http/message.hpp"

namespace app {

/// 200 {"status":"ok"}.
api_response liveness();

/// 200 or 503: {"status":"ready"|"not_ready","dependencies":[{"name","status":"ok"|"failed","reason"}]}.
api_response readiness(std::span<const dependency> dependencies);

}  // namespace app
