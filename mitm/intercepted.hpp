#pragma once

// An intercepted connection from its handshakes to its end: relayed unchanged, or rewritten if rules concern its host.
// The session drives it.

#include <utility>

#include "mitm/origin_leg.hpp"
#include "mitm/session_state.hpp"
#include "net/tls_stream.hpp"
#include "net/wire/client_hello.hpp"

namespace mitm {

/// Both ends of an intercepted connection, their handshakes done.
struct tls_legs {
  tls_legs(net::tls_stream client, net::tls_stream origin)
      : downstream(std::move(client)), upstream(std::move(origin)) {}
  net::tls_stream downstream;
  net::tls_stream upstream;
};

inline origin_call call_of(session_state& self, const net::wire::client_hello& hello) {
  return {self.services, self.goal, self.connected, hello, self.terms, self.observer.get()};
}

asio::awaitable<void> relay_intercepted(session_state& self, tls_legs& legs, const net::wire::client_hello& hello);

}  // namespace mitm
