#pragma once

// Helpers to build and read certificates (RFC 5280), for the CA and the leaves. Functions that return false or null
// leave the reason in OpenSSL's error queue, for openssl_error().

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mitm/ca/ca_error.hpp"
#include "net/openssl_ptr.hpp"

namespace mitm {

using wall_time = std::chrono::system_clock::time_point;

struct validity {
  wall_time from;
  wall_time until;
};

/// P-256.
net::key_ptr make_key();
/// RSA with 2048 bits. Takes 50 to 500 ms of CPU.
net::key_ptr make_rsa_key();

/// A version 3 certificate with a random positive 128-bit serial number, the validity and the public half of `key`.
net::x509_ptr begin_certificate(EVP_PKEY* key, const validity& period);

/// `value` is in OpenSSL's configuration syntax: use it for constants only, never for names from outside.
bool add_extension(X509* certificate, X509* issuer, int nid, const char* value);
bool add_alternative_names(X509* certificate, std::span<const std::string> dns_names, bool critical);
/// Critical; permits the given DNS subtrees and no IP address.
bool add_name_constraints(X509* certificate, std::span<const std::string> dns_subtrees);
/// Adds one attribute to a subject or issuer name; `value` is ASCII.
bool add_name_entry(X509_NAME* name, const char* attribute, std::string_view value);

/// The permitted DNS subtrees; nullopt if the certificate has no name constraints.
std::optional<std::vector<std::string>> permitted_subtrees(const X509* certificate);
std::optional<wall_time> to_wall_time(const ASN1_TIME* time);
/// "2026-01-31T12:00:00Z".
std::string to_iso_time(wall_time time);
/// SHA-256 over the DER form, as upper-case hex pairs between colons.
std::string sha256_fingerprint(const X509* certificate);

/// All certificates of a PEM text, in order; other blocks are skipped. The error names the first that cannot be read.
ca_result<std::vector<net::x509_ptr>> read_certificates(std::string_view pem);

}  // namespace mitm
