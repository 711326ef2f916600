#pragma once

// The parts of its request that a response object repeats, with OpenAI's defaults for absent ones, and the input items
// that the store keeps. Pure. Call both only for a request without errors.

#include <string>
#include <vector>

#include "app/openai/request_body.hpp"

namespace app::openai {

/// JSON members without braces: "instructions":null,"tools":[],…
std::string echo_of(const members& body);
/// The items as given; a string becomes a message, and contents become lists of parts.
std::vector<std::string> input_items_of(const members& body);

}  // namespace app::openai
