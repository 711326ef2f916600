#pragma once

// The TLS settings with which we face an intercepted client, whichever leaf it is shown (server_identity).

#include "mitm/ca/ca_error.hpp"
#include "mitm/ca/openssl_ptr.hpp"

namespace mitm {

/// TLS 1.2 and later with net::strong_ciphers, one session ticket, buffers released while idle, no renegotiation and no
/// compression. An end without close_notify stays an error, so that a cut answer is not taken for a whole one. ALPN is
/// left to the caller.
ca_result<ssl_context_ptr> make_server_context();

}  // namespace mitm
