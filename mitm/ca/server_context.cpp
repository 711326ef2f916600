#include "mitm/ca/server_context.hpp"

#include <openssl/err.h>

#include "net/tls_stream.hpp"

namespace mitm {

ca_result<ssl_context_ptr> make_server_context() {
  ERR_clear_error();
  ssl_context_ptr context{SSL_CTX_new(TLS_server_method()), openssl_free<SSL_CTX_free>{}};
  if (!context) return openssl_error("cannot make a TLS context");
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_read_ahead(raw, 1);
  // Tickets hold the whole session; a cache beside them would only be memory.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  const bool ready = SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1 &&
                     SSL_CTX_set_cipher_list(raw, net::strong_ciphers) == 1 && SSL_CTX_set_num_tickets(raw, 1) == 1;
  if (!ready) return openssl_error("cannot set up a TLS context");
  return context;
}

}  // namespace mitm
