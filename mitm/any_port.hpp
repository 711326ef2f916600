#pragma once

// Serves a captured connection to any port. The protocol need not be TLS, and the server may speak first. It connects
// to the origin at once and sees who speaks first: a ClientHello for a watched host goes to the session, everything
// else is spliced. If a client uses an HTTP proxy of its own, the tunnel is inspected. One coroutine per connection,
// spawned by the interceptor on a strand.

#include <memory>

#include "mitm/session.hpp"

namespace mitm {

/// Like serve(), but for any destination.
asio::awaitable<void> serve_any_port(session_services services, std::shared_ptr<const intercept_policy> policy,
                                     net::tcp::socket client, client_goal goal);

}  // namespace mitm
