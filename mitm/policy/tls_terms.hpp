#pragma once

// What a ClientHello implies for both legs: the minimum for the origin's leg, so that the client never gets weaker TLS
// than it would have accepted itself, and with which certificate we can serve the client, if at all. Pure. The session
// asks once per connection.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/wire/client_hello.hpp"

namespace mitm {

/// Restrictions on the origin's leg. Empty members restrict nothing: most clients offer all that we do.
struct tls_terms {
  static constexpr std::uint16_t tls_1_2 = 0x0303;
  static constexpr std::uint16_t tls_1_3 = 0x0304;

  std::uint16_t at_least = tls_1_2;
  std::string ciphers;  // of TLS 1.2, as OpenSSL lists them
  std::string suites;   // of TLS 1.3
  std::string groups;   // for the key exchange

  bool restricted() const { return *this != tls_terms(); }
  bool operator==(const tls_terms&) const = default;
};

/// The key of the leaf that a client is shown. Nearly all take ECDSA, which is the cheaper one to sign with.
enum class leaf_key : std::uint8_t { ecdsa, rsa };

/// nullopt: the client's TLS 1.2 suites or its signature algorithms fit neither.
std::optional<leaf_key> leaf_key_for(const net::wire::tls_offer& offer);

/// nullopt: the client offers strong TLS, but none that our certificates and TLS library can serve. If it offers only
/// weak TLS, our own handshake refuses it, and the origin is not affected.
std::optional<tls_terms> terms_for(const net::wire::tls_offer& offer);

}  // namespace mitm
