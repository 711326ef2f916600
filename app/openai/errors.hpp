#pragma once

// The errors of OpenAI's API in its words, and the headers about retrying. The SDKs retry 408, 409, 429 and 5xx twice
// by themselves; x-should-retry overrides that, or agents would pay for a turn three times. Pure. Text from peers is
// made valid UTF-8 and shortened.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/base/api_error.hpp"

namespace app::openai {

/// 400s of a request's body.
api_error malformed_body(std::string message);
api_error missing_parameter(std::string param);
api_error wrong_type(std::string param, std::string_view expected, std::string_view got);
api_error invalid_value(std::string param, std::string message);
api_error unsupported_value(std::string param, std::string message);

api_error model_not_found(std::string_view name, std::span<const std::string> known);  // 404
api_error response_not_found(std::string_view id);                                     // 404
api_error item_not_found(std::string_view id);                                         // 404
api_error conversation_not_found(std::string_view id);                                 // 404
api_error previous_response_not_found(std::string_view id);                            // 400
api_error response_already_finished(std::string_view id);                              // 400: cannot be cancelled
/// 404 for endpoints of OpenAI that have no counterpart here: embeddings, audio, images, files …; else nullopt.
std::optional<api_error> unsupported_endpoint(std::string_view path);
api_error upgrade_required();  // 426
/// 409: a turn of that stream of a WebSocket runs; empty: of the WebSocket.
api_error response_in_progress(std::string_view stream_id);

/// 429: too many requests at a time; `what` names the limit.
api_error rate_limited(std::string_view what);
api_error server_busy();                               // 503: the queue is full
api_error language_server_unavailable();               // 503: nothing was sent to it
api_error upstream_unreachable(std::string_view why);  // 502: it went away in the middle of a turn
api_error upstream_timeout();                          // 504
api_error turn_canceled();                             // 500: somebody else ended the turn
/// A turn that failed. `code` is an HTTP status or 0, as the language server reports it.
api_error turn_failed(unsigned code, std::string_view short_error, std::string_view user_message);

enum class retry_advice : std::uint8_t { unsaid, yes, no };
/// no: the request was executed, or a retry would fail as well. yes: it was refused before it began.
retry_advice should_retry(const api_error& error);

/// x-should-retry, and with a delay retry-after (whole seconds, rounded up) and retry-after-ms.
std::vector<std::pair<std::string, std::string>> retry_headers(const api_error& error,
                                                               std::optional<std::chrono::milliseconds> delay);

/// {"error":{"message","type","param","code"}}
void append_error(std::string& out, const api_error& error);

}  // namespace app::openai
