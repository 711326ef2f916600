#pragma once

// What the language server is told of a request. A cascade that goes on gets the new input alone; a new cascade gets
// everything, since it cannot be given a past: instructions and history under headings, then the input.

#include <string>
#include <string_view>
#include <vector>

#include "app/openai/turn_request.hpp"

namespace app::openai {

struct turn_prompt {
  std::string text;
  std::vector<const image*> images;  // of the request, in order
};

/// For a new cascade. A request without instructions and history is its input alone.
turn_prompt whole_prompt(const turn_request& request);
/// For a cascade that goes on. Instructions other than `known` come before the input.
turn_prompt continued_prompt(const turn_request& request, std::string_view known_instructions);

/// A line about a tool step of the language server, for the reasoning: "\n[view_file {"path":…} done]\n".
std::string tool_note(std::string_view name, std::string_view arguments, std::string_view status);

}  // namespace app::openai
