#pragma once

// The TLS settings towards intercepted clients, for every leaf (server_identity).

#include "mitm/ca/ca_error.hpp"
#include "net/openssl_ptr.hpp"

namespace mitm {

/// net::make_ssl_context() with one session ticket. An end without close_notify remains an error, so that a truncated
/// answer is not taken for a complete one. The caller sets up ALPN.
ca_result<net::ssl_context_ptr> make_server_context();

}  // namespace mitm
