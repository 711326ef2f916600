#pragma once

// What a client's ClientHello means for both legs: the least that the leg to the origin may be, so that the client is
// never served over weaker TLS than it would have taken itself, and whether we can serve the client at all. Pure; the
// session asks once per connection.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/wire/client_hello.hpp"

namespace mitm {

/// Of the leg to the origin. Empty members restrict nothing: most clients offer all that we do.
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

/// Nothing: the client offers strong TLS, but none that our certificates and our TLS library can serve. One that offers
/// weak TLS alone is our own handshake's to refuse, and of no consequence for the origin.
std::optional<tls_terms> terms_for(const net::wire::tls_offer& offer);

}  // namespace mitm
