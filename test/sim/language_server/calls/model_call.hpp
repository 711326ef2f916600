#pragma once

// One question to the model: a real HTTPS call to the provider, asked again when the provider has no room, with the log
// lines of the language server. A turn is shown the answer as it grows.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "test/sim/language_server/calls/provider.hpp"
#include "test/sim/language_server/calls/provider_answer.hpp"
#include "test/sim/language_server/calls/request_body.hpp"
#include "test/sim/language_server/switches.hpp"

namespace sim::ls {

/// What the provider refused, or how it could not be reached. Thrown by call_model when nothing is left to try.
struct model_failure {
  unsigned code = 0;  // HTTP status; 0 without an answer
  std::string short_error;
  std::string full_error;  // head, trace, headers and body, in the layout that the language server writes
  std::string trace_id;
  bool retryable = false;
};

struct call_report {
  provider_answer answer;
  std::string trace_id;
  std::vector<model_failure> failed_attempts;
  std::chrono::nanoseconds to_first_event{0};
  std::chrono::nanoseconds streaming{0};
};

/// Called with the answer so far, after each event.
using answer_listener = std::function<asio::awaitable<void>(const provider_answer&)>;

/// Throws model_failure; system_error when it is cancelled.
asio::awaitable<call_report> call_model(provider&, agent_request, switches, answer_listener);

/// A call that no user asked for. What it answers and whether it fails does not matter.
asio::awaitable<void> call_in_background(provider&, std::string prompt);

}  // namespace sim::ls
