#pragma once

// Parses the ClientHello of a TLS client (RFC 8446 §4.1.2, RFC 6066 §3, RFC 7301 §3.1, RFC 9849 §5). It keeps no state:
// call it again with a longer prefix while it returns need_more.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "net/wire/errc.hpp"

namespace net::wire {

/// What the client offers, as numbers of the TLS registries, in its order and with its GREASE.
struct tls_offer {
  std::uint16_t legacy_version = 0;
  std::vector<std::uint16_t> versions;  // supported_versions (RFC 8446 §4.2.1); empty if the extension is absent
  std::vector<std::uint16_t> suites;
  std::vector<std::uint16_t> groups;      // supported_groups; empty if the extension is absent
  std::vector<std::uint16_t> signatures;  // signature_algorithms; empty if the extension is absent
};

struct client_hello {
  std::string server_name;        // lower case, without a trailing dot; empty if the client sent none
  std::vector<std::string> alpn;  // in the client's order; empty if the extension is absent
  bool encrypted = false;         // it claims to contain an encrypted one (ECH), which may be true
  tls_offer offer;
};

/// The ClientHello has to lie in this many bytes of the connection, record headers included. Post-quantum keys make it
/// grow: 2 KiB are usual, 16 may come.
inline constexpr std::size_t max_client_hello = 64 * 1024;

/// `prefix` starts at the first byte of the connection; the handshake message may span several records.
/// Errors: need_more; not_tls (decided on as few bytes as possible: the first byte is enough for most);
/// malformed (also a server name that is no host name); too_large (a ClientHello beyond max_client_hello).
result<client_hello> parse_client_hello(std::span<const std::byte> prefix);

}  // namespace net::wire
