#pragma once

// The leg to the client of an intercepted connection: its handshake, what it tells about the client's trust in us, and
// the answers of our own that it may carry. Driven by the session.

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mitm/ca/server_identity.hpp"
#include "mitm/relay/connection_tap.hpp"
#include "mitm/session_state.hpp"
#include "net/tls_stream.hpp"
#include "net/wire/client_hello.hpp"

namespace mitm {

/// Only a client that took our certificate sends a request.
class trusting_client final : public exchange_observer {
 public:
  trusting_client(session_state& self, exchange_observer& next) : self_(self), next_(next) {}

  std::unique_ptr<exchange_tap> on_request(const net::wire::request_head& head) override;

 private:
  session_state& self_;
  exchange_observer& next_;
  bool told_ = false;
};

net::tls_stream downstream_of(net::tcp::socket client, const server_identity& shown);

/// The handshake. False: the report says why there is none, and the bypass list has heard of a refused certificate.
asio::awaitable<bool> accept_downstream(session_state& self, net::tls_stream& downstream, const std::string& protocol);

/// The client has sent the alert of one that refuses our certificate.
asio::awaitable<void> note_rejected(session_state& self, std::string why);

/// Takes what the client still sends, and ends the connection behind `bytes`.
asio::awaitable<void> answer(session_state& self, net::tls_stream& downstream, std::string bytes);

/// The origin is out of reach, as report.failure says: the client gets that to read, and the ledger a row. `first`:
/// what the client has said already.
asio::awaitable<void> answer_unreached(session_state& self, net::tls_stream& downstream, connection_tap& tap,
                                       std::string first = {});

/// The same for a client that has had no handshake yet.
asio::awaitable<void> answer_failure(session_state& self, net::tcp::socket client,
                                     const net::wire::client_hello& hello);

}  // namespace mitm
