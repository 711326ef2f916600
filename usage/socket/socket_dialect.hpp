#pragma once

// How the APIs that speak over a WebSocket name what is accounted: OpenAI's Responses and Realtime, Gemini Live. Each
// message is one JSON text. A dialect says which member of a message counts, and what a message does to a turn.

#include <cstdint>
#include <string_view>

#include "usage/dialect.hpp"
#include "usage/json/json_paths.hpp"
#include "usage/request_reader.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// Tags beside those of request_member (client) and member (server).
enum class socket_tag : std::uint8_t {
  type = 128,
  stream,         // stream_id: one of several conversations on the socket
  generate,       // false: a prewarm
  turn_complete,  // Gemini Live
  status,         // HTTP status of an error event, or the status of a response
};

constexpr std::uint8_t tag(request_member which) {
  return static_cast<std::uint8_t>(which);
}
constexpr std::uint8_t tag(socket_tag which) {
  return static_cast<std::uint8_t>(which);
}

/// What a server's message means for the turn that it belongs to.
enum class event_role : std::uint8_t {
  other,
  begins,     // the server has begun a turn
  words,      // a part of the answer
  ends,       // the terminal event
  side_call,  // a call of its own that is billed beside the turn
};

struct socket_dialect {
  json_paths client;
  dialect server;
  /// Messages of the client begin turns. False: only the server does, since it decides when the user has spoken.
  bool client_begins = false;
  /// The type of the messages that do; empty: all but those that name a model, which set the session up.
  std::string_view asks = {};
  /// `complete`: the message says that the turn is complete (socket_tag::turn_complete).
  event_role (*role)(std::string_view type, bool complete) = nullptr;
  /// The Sec-WebSocket-Protocol that may be agreed; empty: none.
  std::string_view subprotocol = {};
};

/// The dialect of a socket opened at `path` (as plain_path() gives it), or nullptr: it is of no API that is read.
const socket_dialect* socket_dialect_of(std::string_view path);

}  // namespace usage
