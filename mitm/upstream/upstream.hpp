#pragma once

// Connects to the origin: same destination, same SNI, certificate verified. There is no insecure mode.

#include <span>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "mitm/ca/ca_error.hpp"
#include "mitm/policy/tls_terms.hpp"
#include "mitm/upstream/redirect_pass.hpp"
#include "net/by.hpp"
#include "net/openssl_ptr.hpp"
#include "net/tls_stream.hpp"

namespace mitm {

namespace asio = boost::asio;

/// The CAs that may sign an origin's certificate.
struct upstream_trust {
  std::string system_ca_file;  // empty: OpenSSL's default store
  std::string extra_ca_file;   // empty: none
};

/// Errors: one line with the file and OpenSSL's reason.
ca_result<net::ssl_context_ptr> make_upstream_context(const upstream_trust& trust);

/// Connects TCP to the client's destination. Errors: timed_out or the system's.
asio::awaitable<net::result<net::tcp::socket>> connect_upstream(net::tcp::endpoint destination, net::deadline limit,
                                                                redirects on_the_way = redirects::followed);

/// Sets the name that the certificate must be valid for, the protocols to offer, and the minimum TLS. Without a name
/// only the chain is verified.
void prepare_upstream(net::tls_stream& stream, const std::string& server_name, std::span<const std::string> alpn,
                      const tls_terms& terms = {});

/// The DNS names of the peer's certificate, lower case.
std::vector<std::string> certificate_names(SSL* verified);

}  // namespace mitm
