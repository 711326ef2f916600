#pragma once

// One PEM file that a client can be pointed at (SSL_CERT_FILE and the like) without losing the rest of the web: the
// system's CAs, optionally those of one more file, and ours. Written when the service starts and by `zerogravity ca
// bundle`.

#include <filesystem>
#include <string>
#include <string_view>

#include "mitm/ca/ca_error.hpp"

namespace mitm {

struct bundle_sources {
  std::filesystem::path system;  // empty: the first of system_ca_files that exists
  std::filesystem::path extra;   // empty: none
  std::string own_pem;           // ca_certificate::pem
};

/// Where distributions keep the system's CAs in one file.
inline constexpr std::string_view system_ca_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, RHEL
    "/etc/ssl/cert.pem",                   // Alpine, BSDs
};

/// Certificates only, each once: a private key that lies beside one in a source is not spread. A source without any
/// certificate is an error.
ca_result<std::string> compose_bundle(const bundle_sources& sources);

/// Mode 0644, atomically, with the refusals of write_atomically: it may be a path in /tmp. False: it was up to date.
ca_result<bool> write_bundle(const std::filesystem::path& path, std::string_view content);

/// Both, unless the file was made of the very same sources: parsing the system's CAs takes longer than all the rest of
/// a start. Its first line, a comment, tells by inode, size and time of change what it was made of. False: up to date.
ca_result<bool> refresh_bundle(const std::filesystem::path& path, const bundle_sources& sources);

}  // namespace mitm
