#pragma once

// What a step means to a reader of the turn, whatever number or content field a build gives it. Used by step_reducer.

#include <string>
#include <string_view>

#include "cascade/core/event.hpp"
#include "proto/gemini_coder.pb.h"

namespace cascade {

enum class step_kind : std::uint8_t {
  reply,  // the model's words
  error,  // an error message
  tool,
  other  // the user's input and bookkeeping
};

step_kind kind_of(const gemini_coder::Step& step);
step_status status_of(const gemini_coder::Step& step);

/// The step will not change any more.
bool terminal(step_status status);

/// Empty for a step that is no reply. modified_response replaces the response once there is one.
std::string_view reply_text(const gemini_coder::Step& step);
std::string_view reply_reasoning(const gemini_coder::Step& step);

std::string tool_name(const gemini_coder::Step& step);
std::string_view tool_arguments(const gemini_coder::Step& step);
interaction_kind interaction_of(const gemini_coder::Step& step);

}  // namespace cascade
