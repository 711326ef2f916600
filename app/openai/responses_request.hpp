#pragma once

// The body of POST /v1/responses, or of a WebSocket's response.create, as a turn_request. Pure; the same rules as
// chat_request.hpp. Tools of any type are accepted and named in `ignored`. Reasoning items are dropped: they came from
// here, and the cascade remembers them.

#include <string_view>

#include <boost/json/object.hpp>

#include "app/openai/turn_request.hpp"

namespace app::openai {

parsed_request parse_responses_request(std::string_view body, const request_limits& limits = {});
/// The same of a body that was parsed.
parsed_request read_responses_request(const boost::json::object& body, const request_limits& limits);

}  // namespace app::openai
