#pragma once

// Certificates and keys as PEM (RFC 7468).

#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace net {

/// Empty on failure. The reason is then in OpenSSL's error queue.
std::string to_pem(X509* certificate);
/// The private key, unencrypted, as PKCS #8 (RFC 5958). Empty on failure, as above.
std::string to_pem(EVP_PKEY* key);

}  // namespace net
