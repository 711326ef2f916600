#pragma once

// OpenAI's API: chat completions, responses and models, for its unmodified SDKs.

#include <vector>

#include "app/http/session.hpp"
#include "app/openai_api/openai_context.hpp"

namespace app {

/// `context` outlives the draining of the API server.
std::vector<api_route> openai_routes(openai_context& context);

}  // namespace app
