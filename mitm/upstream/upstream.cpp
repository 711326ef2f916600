#include "mitm/upstream/upstream.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <boost/asio/as_tuple.hpp>

#include "mitm/ca/trust_store.hpp"
#include "mitm/upstream/alpn_hooks.hpp"
#include "net/text/ascii.hpp"

namespace mitm {
namespace {

asio::awaitable<net::result<void>> connect(net::tcp::socket& socket, net::tcp::endpoint destination,
                                           redirects on_the_way) {
  if (on_the_way == redirects::passed) {
    boost::system::error_code not_open;
    socket.open(destination.protocol(), not_open);
    if (not_open) co_return not_open;
    mark_to_pass(socket);
  }
  auto [error] = co_await socket.async_connect(destination, asio::as_tuple(asio::use_awaitable));
  if (error) co_return error;
  if (on_the_way == redirects::passed) unmark(socket);
  co_return net::result<void>{};
}

/// Trusts what SSL_CTX_set_default_verify_paths() trusts. As there, missing or damaged files are not errors.
void trust_default_places(SSL_CTX* context) {
  const char* named = ::secure_getenv(X509_get_default_cert_file_env());
  static_cast<void>(
      trust_file(SSL_CTX_get_cert_store(context), named != nullptr ? named : X509_get_default_cert_file()));
  SSL_CTX_set_default_verify_dir(context);
}

/// Only narrows what the context allows. If OpenSSL refuses a list, which should not happen, the connection is made to
/// fail.
void restrict_to(const tls_terms& terms, SSL* ssl) {
  if (!terms.restricted()) return;
  const bool taken = SSL_set_min_proto_version(ssl, terms.at_least) == 1 &&
                     (terms.ciphers.empty() || SSL_set_cipher_list(ssl, terms.ciphers.c_str()) == 1) &&
                     (terms.suites.empty() || SSL_set_ciphersuites(ssl, terms.suites.c_str()) == 1) &&
                     (terms.groups.empty() || SSL_set1_groups_list(ssl, terms.groups.c_str()) == 1);
  if (!taken) SSL_set_max_proto_version(ssl, SSL3_VERSION);
}

}  // namespace

ca_result<net::ssl_context_ptr> make_upstream_context(const upstream_trust& trust) {
  net::ssl_context_ptr context = net::make_ssl_context(TLS_client_method());
  if (!context) return openssl_error("cannot make a TLS context");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  X509_STORE* store = SSL_CTX_get_cert_store(context.get());
  if (trust.system_ca_file.empty()) {
    trust_default_places(context.get());
  } else if (auto trusted = trust_file(store, trust.system_ca_file); !trusted) {
    return trusted.error();
  }
  if (!trust.extra_ca_file.empty()) {
    if (auto trusted = trust_file(store, trust.extra_ca_file); !trusted) return trusted.error();
  }
  ERR_clear_error();
  return context;
}

asio::awaitable<net::result<net::tcp::socket>> connect_upstream(net::tcp::endpoint destination, net::deadline limit,
                                                                redirects on_the_way) {
  net::tcp::socket socket(co_await asio::this_coro::executor);
  const auto connected = co_await net::by(limit, connect(socket, destination, on_the_way));
  if (connected.has_error()) co_return connected.error();
  co_return std::move(socket);
}

void prepare_upstream(net::tls_stream& stream, const std::string& server_name, std::span<const std::string> alpn,
                      const tls_terms& terms) {
  SSL* ssl = stream.native();
  restrict_to(terms, ssl);
  if (!server_name.empty()) {
    SSL_set_tlsext_host_name(ssl, server_name.c_str());
    SSL_set1_host(ssl, server_name.c_str());
    // As Go, Python and browsers do: ignore the common name (RFC 9525 §6.3), and allow a wildcard only as a whole
    // label.
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  }
  offer_alpn(ssl, alpn);
}

std::vector<std::string> certificate_names(SSL* verified) {
  std::vector<std::string> names;
  const net::x509_ptr certificate(SSL_get1_peer_certificate(verified));
  if (!certificate) return names;
  const net::general_names_ptr alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* each = sk_GENERAL_NAME_value(alternatives.get(), i);
    if (each->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(each->d.dNSName));
    names.push_back(net::text::lowered({text, static_cast<std::size_t>(ASN1_STRING_length(each->d.dNSName))}));
  }
  return names;
}

}  // namespace mitm
