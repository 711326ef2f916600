#pragma once

// The body of POST /v1/chat/completions as a turn_request. Pure. Members that OpenAI does not know are ignored. Those
// that it knows but that have no effect here are named in `ignored`. A wrong type is a 400 that names the parameter.

#include <string_view>

#include "app/openai/turn_request.hpp"

namespace app::openai {

parsed_request parse_chat_request(std::string_view body, const request_limits& limits = {});

}  // namespace app::openai
