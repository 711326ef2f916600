#pragma once

// The prompt for the language server. A continued cascade gets only the new input. A new cascade cannot be given a
// history, so its prompt holds everything: instructions and history under headings, then the input.

#include <string>
#include <string_view>
#include <vector>

#include "app/openai/turn_request.hpp"

namespace app::openai {

struct turn_prompt {
  std::string text;
  std::vector<const image*> images;  // of the request, in order
};

/// For a new cascade. Without instructions and history it is the input alone.
turn_prompt whole_prompt(const turn_request& request);
/// For a continued cascade. Instructions that differ from the known ones come before the input.
turn_prompt continued_prompt(const turn_request& request, std::string_view known_instructions);

/// A line about a tool step of the language server, for the reasoning: "\n[view_file {"path":…} done]\n".
std::string tool_note(std::string_view name, std::string_view arguments, std::string_view status);

}  // namespace app::openai
