#pragma once

// Why a request gets no turn, as an OpenAI error. Only here do failures of the language server become errors of the
// API.

#include <chrono>
#include <optional>

#include "app/http/error_answer.hpp"
#include "app/http/message.hpp"
#include "cascade/rpc/rpc_error.hpp"
#include "cascade/stream/dispatcher.hpp"

namespace app {

struct turn_refusal {
  api_error error;
  std::optional<std::chrono::milliseconds> retry_after{};
};

/// With the headers that tell SDKs whether and when to retry.
api_response to_response(const turn_refusal& refusal);

turn_refusal refusal_of(const cascade::dispatch_refusal& why);

/// `executed`: the message was sent, so a retry would run it twice.
turn_refusal refusal_of(const cascade::rpc_failure& why, bool executed);

}  // namespace app
