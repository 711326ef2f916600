#pragma once

// Tells OpenSSL which protocols to offer or accept. alpn.hpp decides which.

#include <span>
#include <string>

#include <openssl/ssl.h>

namespace mitm {

/// Offers `protocols` on a client connection, if there are any.
void offer_alpn(SSL* upstream, std::span<const std::string> protocols);

/// What the origin picked; empty if it picked nothing.
std::string picked_alpn(SSL* upstream);

/// Makes server connections of `context` answer with the protocol given to answer_alpn(). Once per context.
void install_alpn(SSL_CTX* context);

/// `protocol` must outlive the handshake. If it is empty, ALPN is not acknowledged.
void answer_alpn(SSL* downstream, const std::string& protocol);

}  // namespace mitm
