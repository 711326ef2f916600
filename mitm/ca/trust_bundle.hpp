#pragma once

// A PEM file for clients (SSL_CERT_FILE and similar) that keeps the rest of the web working: the system's CAs,
// optionally those of another file, and ours. Written at the start of the service and by `zerogravity ca bundle`.

#include <filesystem>
#include <string>
#include <string_view>

#include "mitm/ca/ca_error.hpp"

namespace mitm {

struct bundle_sources {
  std::filesystem::path system;  // empty: the first of system_ca_files that exists
  std::filesystem::path extra;   // empty: none
  std::string own_pem;           // ca_certificate::pem; empty: only those of others
};

/// Where distributions keep the file with the system's CAs.
inline constexpr std::string_view system_ca_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, RHEL
    "/etc/ssl/cert.pem",                   // Alpine, BSDs
};

/// Only certificates, each once, ours last; a private key in a source is not copied. A source without a certificate is
/// an error.
ca_result<std::string> compose_bundle(const bundle_sources& sources);

/// Writes with mode 0644 and the checks of write_atomically, since the path may be in /tmp. False: it was up to date.
ca_result<bool> write_bundle(const std::filesystem::path& path, std::string_view content);

/// Makes and writes the bundle. If the file was made from the same sources, only our CA is replaced: parsing the
/// system's takes longer than the rest of a start. The file's first line, a comment, records the sources by inode, size
/// and time of change. False: it was up to date.
ca_result<bool> refresh_bundle(const std::filesystem::path& path, const bundle_sources& sources);

/// The part of a refreshed bundle that holds the CAs of others. Empty: the text is no such bundle.
std::string_view without_ours(std::string_view bundle);

}  // namespace mitm
