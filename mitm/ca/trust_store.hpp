#pragma once

// Trust in the CAs of a PEM file. A system has some 150, a connection needs one, and OpenSSL 3 takes long to decode a
// key: a certificate is only decoded when a chain first names its subject. Until then its DER form waits, found by the
// hash of its subject (X509_NAME_hash, as in a directory made by c_rehash; RFC 5280, 4.1).

#include <filesystem>

#include <openssl/x509_vfy.h>

#include "mitm/ca/ca_error.hpp"

namespace mitm {

/// From now on the store trusts what the file holds, beside what it trusted before; blocks that are no certificate are
/// skipped. Call it before the store is used by several threads. Errors: the file cannot be read, or holds no
/// certificate, or a damaged one; then the store is as before. A key that cannot be decoded is only found when it is
/// needed, and then not trusted.
ca_result<void> trust_file(X509_STORE* store, const std::filesystem::path& file);

}  // namespace mitm
