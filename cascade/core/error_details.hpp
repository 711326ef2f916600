#pragma once

// Reads the details of an error that a language server reports. Its long form has a fixed layout:
//
//   HTTP 503 Service Unavailable
//   Sherlog:
//   TraceID: 0x737b1db2…          hex, not zero padded; the provider's trace header of the same exchange
//   Headers: {…}
//   (empty line, the provider's JSON body)

#include <cstdint>
#include <optional>
#include <string_view>

#include "cascade/core/event.hpp"
#include "proto/gemini_coder.pb.h"

namespace cascade {

/// Empty if there is none.
std::string_view trace_id_of(std::string_view full_error);

/// error_code, else "(code N)" of short_error, else the status line of full_error, else 0.
std::uint32_t code_of(const exa::cortex_pb::CortexErrorDetails& error);

/// The error of an error step or of any step that carries one; nullptr if there is none.
const exa::cortex_pb::CortexErrorDetails* error_of(const gemini_coder::Step& step);

failed failure_of(std::uint32_t step, const exa::cortex_pb::CortexErrorDetails& error);

}  // namespace cascade
