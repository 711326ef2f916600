#include "cascade/rpc/channel_trust.hpp"

#include <array>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/pem.hpp"
#include "net/text/error_category.hpp"
#include "net/tls_stream.hpp"

namespace cascade {
namespace asio = boost::asio;
namespace {

using net::bio_ptr;
using net::x509_ptr;

std::string message_of(trust_errc code) {
  switch (code) {
    case trust_errc::malformed_address:
      return "malformed address";
    case trust_errc::not_loopback:
      return "not a loopback address";
    case trust_errc::no_certificate:
      return "no certificate";
    case trust_errc::malformed_certificate:
      return "malformed certificate";
    case trust_errc::unnamed_certificate:
      return "certificate without a name";
    case trust_errc::stranger:
      return "the port is held by a stranger";
  }
  return "unknown trust error";
}

x509_ptr first_certificate(std::string_view pem) {
  const bio_ptr source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  x509_ptr certificate(source ? PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  return certificate;
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_of(const ASN1_OCTET_STRING* octets) {
  const std::string raw = text_of(octets);
  if (raw.size() == 4) {
    asio::ip::address_v4::bytes_type v4;
    std::copy(raw.begin(), raw.end(), v4.begin());
    return asio::ip::address_v4(v4).to_string();
  }
  asio::ip::address_v6::bytes_type v6;
  if (raw.size() != v6.size()) return {};
  std::copy(raw.begin(), raw.end(), v6.begin());
  return asio::ip::address_v6(v6).to_string();
}

std::string alternative_name(const X509* certificate) {
  const net::general_names_ptr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* each = sk_GENERAL_NAME_value(names.get(), i);
    if (each->type == GEN_DNS) return text_of(each->d.dNSName);
    if (each->type == GEN_IPADD) return address_of(each->d.iPAddress);
  }
  return {};
}

std::string common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  return at < 0 ? std::string() : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

bool covers(X509* certificate, const std::string& host) {
  return X509_check_ip_asc(certificate, host.c_str(), 0) == 1 ||
         X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1;
}

rpc_result<net::tcp::endpoint> loopback_endpoint(std::string_view target) {
  const auto split = split_target(target);
  if (split.has_error()) return split.error();
  boost::system::error_code malformed;
  const auto address = asio::ip::make_address(numeric_host(split->host), malformed);
  if (malformed || !address.is_loopback()) {
    return rpc_failure{trust_errc::not_loopback,
                       split->host +
                           " is not a loopback address, and only those are trusted on first use: "
                           "anybody on the way could answer in its place. Configure its certificate (PEM)"};
  }
  return net::tcp::endpoint(address, static_cast<std::uint16_t>(std::stoul(split->port)));
}

/// Verifies nothing, since its purpose is to learn the certificate.
net::ssl_context_ptr learning_context() {
  net::ssl_context_ptr context = net::make_ssl_context(TLS_client_method());
  if (!context) throw std::bad_alloc();
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return context;
}

/// Asks who holds the port, and remembers the words about a stranger.
struct holder_inquiry {
  const holder_question& ask;
  std::string stranger{};

  asio::awaitable<bool> is_server() {
    auto found = co_await ask();
    if (found.is == port_holder::who::server) co_return true;
    stranger = std::move(found.words);
    co_return false;
  }
};

asio::awaitable<net::result<std::string>> shown_certificate(net::tcp::endpoint server, holder_inquiry& holder) {
  net::tcp::socket socket(co_await asio::this_coro::executor);
  const auto [refused] = co_await socket.async_connect(server, asio::as_tuple(asio::use_awaitable));
  if (refused) co_return refused;
  if (!co_await holder.is_server()) co_return trust_errc::stranger;
  const auto context = learning_context();
  net::tls_stream stream(std::move(socket), context.get(), net::tls_stream::role::client);
  // A gRPC server may refuse clients that do not offer HTTP/2 (RFC 7301).
  static constexpr std::array<unsigned char, 3> h2 = {2, 'h', '2'};
  SSL_set_alpn_protos(stream.native(), h2.data(), h2.size());
  const auto shaken = co_await stream.handshake();
  if (shaken.has_error()) co_return shaken.error();
  // The connection is accepted now, so its peer has an owner.
  if (!co_await holder.is_server()) co_return trust_errc::stranger;
  const x509_ptr certificate(SSL_get1_peer_certificate(stream.native()));
  co_return certificate ? net::to_pem(certificate.get()) : std::string();
}

}  // namespace

const boost::system::error_category& trust_category() noexcept {
  static const net::text::error_category<trust_errc> instance("trust", message_of);
  return instance;
}

rpc_result<host_and_port> split_target(std::string_view target) {
  const rpc_failure malformed{trust_errc::malformed_address, "\"" + std::string(target) + "\" is not host:port"};
  const auto colon = target.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return malformed;
  std::string_view host = target.substr(0, colon);
  const std::string_view port = target.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return malformed;
  }
  if (host.empty() || port.empty() || port.size() > 5) return malformed;
  if (port.find_first_not_of("0123456789") != std::string_view::npos) return malformed;
  if (std::stoul(std::string(port)) > 65535) return malformed;
  return host_and_port{std::string(host), std::string(port)};
}

rpc_result<std::string> expected_name(std::string_view pem, const std::string& host) {
  using text = rpc_result<std::string>;
  if (pem.empty()) {
    return rpc_failure{trust_errc::no_certificate, "no certificate is pinned for " + host + ", so it is not trusted"};
  }
  const x509_ptr certificate = first_certificate(pem);
  if (!certificate) return rpc_failure{trust_errc::malformed_certificate, "the pin of " + host + " is not PEM"};
  if (covers(certificate.get(), host)) return text(host);
  std::string name = alternative_name(certificate.get());
  if (name.empty()) name = common_name(certificate.get());
  if (name.empty()) return rpc_failure{trust_errc::unnamed_certificate, "the pin of " + host + " names nobody"};
  return text(std::move(name));
}

bool is_named(std::string_view pem, const std::string& name) {
  const x509_ptr certificate = first_certificate(pem);
  if (!certificate) return false;
  return covers(certificate.get(), name) || alternative_name(certificate.get()) == name ||
         common_name(certificate.get()) == name;
}

std::string numeric_host(const std::string& host) {
  return host == "localhost" ? "127.0.0.1" : host;
}

asio::awaitable<rpc_result<std::string>> trust_on_first_use(std::string target, net::deadline limit,
                                                            holder_question holder) {
  const auto endpoint = loopback_endpoint(target);
  if (endpoint.has_error()) co_return endpoint.error();
  holder_inquiry inquiry{holder};
  auto shown = co_await net::by(limit, shown_certificate(*endpoint, inquiry));
  if (shown.has_error() && shown.error() == trust_errc::stranger) {
    co_return rpc_failure{trust_errc::stranger, std::move(inquiry.stranger)};
  }
  if (shown.has_error()) co_return rpc_failure{shown.error(), "no TLS server at " + target};
  if (shown->empty()) co_return rpc_failure{trust_errc::no_certificate, target + " showed no certificate"};
  co_return rpc_result<std::string>(std::move(*shown));
}

}  // namespace cascade
