#pragma once

// Parameters that both APIs share, and those that are known but have no effect. The type of the latter is checked, as
// OpenAI does, and their name goes to `ignored` unless the value asks for what happens anyway.

#include <cstdint>
#include <span>
#include <string_view>

#include "app/openai/request_body.hpp"
#include "app/openai/turn_request.hpp"

namespace app::openai {

enum class shape : std::uint8_t { anything, flag, number, text, list, object, text_or_list, text_or_object };

struct parameter {
  std::string_view name;
  shape type = shape::anything;
  std::string_view harmless{};  // JSON values without an effect, separated by '|'; also empty lists and objects
  bool named = true;            // false: a hint that no answer depends on
};

void note_ignored(const members& body, std::span<const parameter> parameters, turn_request& request);

/// model, stream and metadata.
void read_shared(const members& body, const request_limits& limits, turn_request& request);
/// Reads the reasoning effort. Unknown efforts are ignored.
void read_effort(const members& object, std::string_view name, turn_request& request);

/// Refuses a response format that is none of OpenAI's.
void check_format(const members& format);

/// Splits into history and new input. The input begins after the last answer, but answers at the very end belong to it,
/// as the beginning of the requested answer.
void split_turns(std::vector<message> all, turn_request& request);

void add_instructions(turn_request& request, std::string_view text);

}  // namespace app::openai
