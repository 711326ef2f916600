#include "mitm/ca/server_context.hpp"

#include <openssl/err.h>

#include "net/tls_stream.hpp"

namespace mitm {

ca_result<net::ssl_context_ptr> make_server_context() {
  ERR_clear_error();
  net::ssl_context_ptr context = net::make_ssl_context(TLS_server_method());
  // Tickets hold the whole session, so a cache would only cost memory.
  if (context) SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (!context || SSL_CTX_set_num_tickets(context.get(), 1) != 1) return openssl_error("cannot make a TLS context");
  return context;
}

}  // namespace mitm
