#pragma once

// The origin's leg of an intercepted connection: one that an earlier client of the same program left behind, or a new
// one. The session opens it first, and leaves it to the next client if its own ends cleanly.

#include <optional>
#include <string>
#include <vector>

#include "mitm/policy/tls_terms.hpp"
#include "mitm/relay/connection_events.hpp"
#include "mitm/session.hpp"
#include "net/by.hpp"
#include "net/failure.hpp"
#include "net/tls_stream.hpp"
#include "net/wire/client_hello.hpp"

namespace mitm {

/// Describes the wanted leg. What it refers to outlives the call.
struct origin_call {
  const session_services& services;
  const client_goal& goal;
  std::optional<net::tcp::socket>& connected;  // already connected to the origin; moved from if used
  const net::wire::client_hello& hello;
  const tls_terms& terms;
  connection_observer* observer;  // tells who the client is; null: nothing is shared
};

struct reached_origin {
  std::optional<net::tls_stream> upstream = {};  // after its handshake
  bool reused = false;
  std::optional<net::failure> failure = {};  // why there is none
};

/// Returns `connected` if there is one, else a new connection, through the upstream proxy if configured. Errors: those
/// of connect_through(), timed_out or the system's.
asio::awaitable<origin_socket> connect_origin(const session_services& services, origin_place place,
                                              std::optional<net::tcp::socket>& connected);

asio::awaitable<reached_origin> reach_origin(origin_call call);

/// Never returns a reused leg. For a client that has already been told its `protocol`, or none.
asio::awaitable<reached_origin> reach_origin_anew(origin_call call, std::string protocol);

/// Whether the leg may be shared with earlier and later clients.
bool may_share(const origin_call& call);

/// Keeps the leg for the next client until `until`. Ends it at once if the client's program is not known.
asio::awaitable<void> leave_origin(origin_call call, net::tls_stream& upstream, net::deadline until);

}  // namespace mitm
