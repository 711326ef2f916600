#pragma once

// The handshake of a WebSocket over HTTP/1.1 (RFC 6455 §4), as far as one who listens needs it: whether a request asks
// for one, and what the answer agreed to. Over HTTP/2 (RFC 8441) the request says so in `:protocol`, and the answer's
// fields are the same. Trackers call it with a whole head.

#include <string>

#include "net/wire/errc.hpp"
#include "net/wire/message_head.hpp"
#include "net/wire/websocket_frame.hpp"

namespace net::wire {

/// GET, HTTP/1.1, `Upgrade` with websocket and `Connection` with upgrade among their members, in any case. The key and
/// the version are the origin's business: if it answers with 101, there is a WebSocket.
bool is_websocket_upgrade(const request_head& head);

struct websocket_terms {
  websocket_deflate client;        // of what the client sends
  websocket_deflate server;        // of what the server sends
  bool unknown_extension = false;  // another one than permessage-deflate was accepted: the frames cannot be read
  std::string subprotocol;         // the accepted one; empty: none

  bool operator==(const websocket_terms&) const = default;
};

/// Sec-WebSocket-Extensions and Sec-WebSocket-Protocol of the answer that opened the socket (RFC 6455 §9.1, RFC 7692
/// §7.1). Errors: malformed, for what a client would end the connection over: bad grammar, permessage-deflate twice,
/// a parameter of it that is unknown, repeated, or has no such value, or two subprotocols.
result<websocket_terms> parse_websocket_terms(const header_fields& fields);

}  // namespace net::wire
