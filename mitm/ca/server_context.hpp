#pragma once

// The TLS settings with which we face an intercepted client, whichever leaf it is shown (server_identity).

#include "mitm/ca/ca_error.hpp"
#include "net/openssl_ptr.hpp"

namespace mitm {

/// net::make_ssl_context() with one session ticket. An end without close_notify stays an error, so that a cut answer is
/// not taken for a whole one. ALPN is left to the caller.
ca_result<net::ssl_context_ptr> make_server_context();

}  // namespace mitm
