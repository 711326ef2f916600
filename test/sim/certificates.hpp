#pragma once

// A test root CA and a server certificate of it, made anew at each start: nothing in the tree is a key.

#include <filesystem>
#include <string>
#include <vector>

namespace sim {

struct certificate_files {
  std::filesystem::path chain;  // the server's certificate
  std::filesystem::path key;
};

/// Writes origin-ca.pem, origin-cert.pem and origin-key.pem (0600) into `folder`, which is made if it is missing.
/// Throws std::runtime_error in words.
certificate_files make_certificates(const std::filesystem::path& folder, const std::vector<std::string>& hosts);

}  // namespace sim
