#pragma once

// The client's leg of an intercepted connection: its handshake, what that tells about the client's trust in us, and
// local answers on it. The session drives it.

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

/// Notes that the program trusts us: only a client that accepted our certificate sends a request.
class trusting_client final : public exchange_observer {
 public:
  trusting_client(session_state& self, exchange_observer& next) : self_(self), next_(next) {}

  std::unique_ptr<exchange_tap> on_request(const net::wire::request_head& head) override;

 private:
  session_state& self_;
  exchange_observer& next_;
  bool noted_ = false;
};

net::tls_stream downstream_of(net::tcp::socket client, const server_identity& shown);

/// Does the handshake. False: the report says why it failed, and the bypass list knows of a refusal.
asio::awaitable<bool> accept_downstream(session_state& self, net::tls_stream& downstream, const std::string& protocol);

/// The client has sent an alert that refuses our certificate.
asio::awaitable<void> note_rejected(session_state& self, std::string why);

/// The client has closed the connection as its answer to our certificate: a refusal, unless its program is known to
/// trust us.
asio::awaitable<void> note_declined(session_state& self);

/// Sends `bytes`, ends the connection and reads what the client still sends.
asio::awaitable<void> answer(session_state& self, net::tls_stream& downstream, std::string bytes);

/// The origin cannot be reached, as report.failure says. The client gets a local answer and the ledger a row. `first`
/// is what the client has already sent.
asio::awaitable<void> answer_unreached(session_state& self, net::tls_stream& downstream, connection_tap& tap,
                                       std::string first = {});

/// The same, before the client's handshake.
asio::awaitable<void> answer_failure(session_state& self, net::tcp::socket client,
                                     const net::wire::client_hello& hello);

}  // namespace mitm
