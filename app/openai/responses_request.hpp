#pragma once

// The body of POST /v1/responses as a turn_request. Pure; the same rules as chat_request.hpp. Tools of any type are
// accepted and named in `ignored`. Reasoning items are dropped: they came from here, and the cascade remembers them.

#include <string_view>

#include "app/openai/turn_request.hpp"

namespace app::openai {

parsed_request parse_responses_request(std::string_view body, const request_limits& limits = {});

}  // namespace app::openai
