#pragma once

// How OpenSSL is told and asked which protocol a connection speaks; alpn.hpp decides.

#include <span>
#include <string>

#include <openssl/ssl.h>

namespace mitm {

/// Offers `protocols` on a client connection; nothing is offered if there are none.
void offer_alpn(SSL* upstream, std::span<const std::string> protocols);

/// What the origin picked; empty if it picked nothing.
std::string picked_alpn(SSL* upstream);

/// Makes server connections of `context` answer with the protocol given to answer_alpn(). Once per context.
void install_alpn(SSL_CTX* context);

/// `protocol` must live until the handshake is over; an empty one means that ALPN is not acknowledged.
void answer_alpn(SSL* downstream, const std::string& protocol);

}  // namespace mitm
