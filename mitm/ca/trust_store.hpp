#pragma once

// Trusts the CAs of a PEM file, decoding them on demand. A system has about 150, a connection needs one, and OpenSSL 3
// is slow to decode keys. So a certificate is decoded only when a chain first names its subject; until then its DER
// form is found by the hash of its subject (X509_NAME_hash, as in a directory made by c_rehash; RFC 5280, 4.1).

#include <filesystem>

#include <openssl/x509_vfy.h>

#include "mitm/ca/ca_error.hpp"

namespace mitm {

/// Makes the store trust the file's certificates, in addition to what it trusted before; other blocks are skipped. Call
/// it before several threads use the store. Errors: the file cannot be read, has no certificate, or a damaged one; the
/// store is then unchanged. A key that cannot be decoded is noticed only when it is needed, and then not trusted.
ca_result<void> trust_file(X509_STORE* store, const std::filesystem::path& file);

}  // namespace mitm
