#pragma once

// What a client says on the WebSocket of GET /v1/responses, one JSON object a message:
//
//   {"type":"response.create", … the body of POST /v1/responses …, "generate":false?, "stream_id":"…"?}
//   {"type":"response.cancel", "response_id":"…"?, "stream_id":"…"?}
//
// and the event that answers what cannot be done. Pure.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "app/base/api_error.hpp"
#include "app/openai/turn_request.hpp"

namespace app::openai {

struct response_create {
  turn_request request;
  bool generate = true;  // false: only says what the next turn continues
};

struct response_cancel {
  std::optional<std::string> response_id;  // nullopt: of the turn that runs on the stream
};

struct client_event {
  static constexpr std::size_t stream_id_size = 128;  // bytes

  std::string stream_id;                                           // empty: none was given
  std::variant<api_error, response_create, response_cancel> what;  // the error: it is none of these
};

client_event parse_client_event(std::string_view text, const request_limits& limits);

/// Puts the request, which continues `earlier`, and what `earlier` said into one. `earlier` had no turn.
void continue_prepared(turn_request& request, const turn_request& earlier);

/// {"type":"error","status":429,"stream_id":…,"error":{…},"headers":{…}}. `error` is the body of the answer that a POST
/// would get, {"error":{…}}, and `headers` are those that it has beside.
std::string error_event(unsigned status, std::string_view error,
                        std::span<const std::pair<std::string, std::string>> headers, std::string_view stream_id);

}  // namespace app::openai
