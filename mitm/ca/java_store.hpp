#pragma once

// A trust store for Java, in the JKS format: every Java reads it, whatever keystore.type says, and it needs no
// encryption. Java reads neither the system's PEM bundle nor an environment variable that names one.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <openssl/x509.h>

#include "mitm/ca/ca_error.hpp"

namespace mitm {

/// Protects nothing: it is the one that every Java tries for its own stores.
inline constexpr std::string_view java_store_password = "changeit";

/// A store of the certificates of a PEM text, and of those that the stores at `existing` trust: CAs that somebody added
/// to these stay trusted. A store that cannot be read, or is in neither format of Java (JKS, PKCS12), adds nothing.
/// Each certificate once, those of the text first. Error: the text holds no certificate.
ca_result<std::string> compose_java_store(std::string_view pem, std::span<const std::filesystem::path> existing);

/// Whether the store at that path trusts the certificate. False, too, for one that cannot be read.
bool java_store_trusts(const std::filesystem::path& store, X509* certificate);

}  // namespace mitm
