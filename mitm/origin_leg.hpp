#pragma once

// The leg to the origin of an intercepted connection: one that an earlier client of the same program left behind, or
// one of its own. The session opens it first and, where its client went away in order, leaves it to the next.

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

/// Whose leg is asked for; what it refers to outlives the call.
struct origin_call {
  const session_services& services;
  const client_goal& goal;
  std::optional<net::tcp::socket>& connected;  // to there already; taken if it is used
  const net::wire::client_hello& hello;
  const tls_terms& terms;
  connection_observer* observer;  // tells who the client is; none: nothing is shared with another
};

struct reached_origin {
  std::optional<net::tls_stream> upstream = {};  // its handshake done
  bool reused = false;
  std::optional<net::failure> failure = {};  // why there is none
};

/// `connected`, if there is one, else a new connection, through the upstream proxy where that is asked for. Errors:
/// those of connect_through(), timed_out or the system's.
asio::awaitable<origin_socket> connect_origin(const session_services& services, origin_place place,
                                              std::optional<net::tcp::socket>& connected);

asio::awaitable<reached_origin> reach_origin(origin_call call);

/// Never one that served another client before; for a client that was told a protocol already, or none.
asio::awaitable<reached_origin> reach_origin_anew(origin_call call, std::string protocol);

/// A leg of this call may serve another client later, and may be one that served another before.
bool may_share(const origin_call& call);

/// For the next client, until then; ended at once if its program is not known.
asio::awaitable<void> leave_origin(origin_call call, net::tls_stream& upstream, net::deadline until);

}  // namespace mitm
