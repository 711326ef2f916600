#pragma once

// What a response object repeats of its request, with OpenAI's defaults for what was not given, and the input items
// that the store keeps. Pure; responses_request.cpp asks for both once the request is known to be right.

#include <string>
#include <vector>

#include "app/openai/request_body.hpp"

namespace app::openai {

/// JSON members without braces: "instructions":null,"tools":[],…
std::string echo_of(const members& body);
/// Items as they were given, a string as the message that it stands for, contents as lists of parts.
std::vector<std::string> input_items_of(const members& body);

}  // namespace app::openai
