#pragma once

// One captured connection to a port that need not speak TLS, nor let the client begin. The origin is connected at once;
// whoever speaks first decides: a ClientHello for a watched host goes to the session, all else is spliced. What a
// client asks an HTTP proxy of its own for is looked at in its tunnel. A free coroutine per connection, spawned by the
// interceptor on a strand.

#include <memory>

#include "mitm/session.hpp"

namespace mitm {

/// As serve(), for any destination.
asio::awaitable<void> serve_any_port(session_services services, std::shared_ptr<const intercept_policy> policy,
                                     net::tcp::socket client, client_goal goal);

}  // namespace mitm
