#pragma once

// The public half of the CA: what clients trust, for which hosts and how long. It needs no key, so any user can read
// it. certificate_authority adds the key; `zerogravity ca` and /readyz show the certificate.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mitm/ca/ca_error.hpp"
#include "mitm/ca/x509_parts.hpp"
#include "net/openssl_ptr.hpp"

namespace mitm {

/// The files of the CA in a state directory.
struct ca_files {
  std::filesystem::path key;          // 0600: key and certificate in one file, so that they always belong together
  std::filesystem::path certificate;  // 0644: the certificate again, to be copied and trusted

  static ca_files in(const std::filesystem::path& state_dir);
};

class ca_certificate {
 public:
  /// Refuses a certificate that is not a CA or has no name constraints: nobody should trust one like that.
  static ca_result<ca_certificate> make(net::x509_ptr certificate);
  /// From the published file.
  static ca_result<ca_certificate> load(const std::filesystem::path& path);

  X509* get() const noexcept { return certificate_.get(); }
  const std::string& pem() const noexcept { return pem_; }
  const std::string& subject() const noexcept { return subject_; }          // RFC 2253
  const std::string& fingerprint() const noexcept { return fingerprint_; }  // SHA-256
  wall_time not_before() const noexcept { return period_.from; }
  wall_time not_after() const noexcept { return period_.until; }

  /// DNS subtrees (RFC 5280 §4.2.1.10): each name and everything below it.
  const std::vector<std::string>& permitted() const noexcept { return permitted_; }

  /// True if `name`, which may begin with "*.", is in a permitted subtree.
  bool covers(std::string_view name) const noexcept;

  /// The configured subtrees that this CA does not cover. If there are any, the state is `narrower_than_configured`. It
  /// is never fixed unasked, because a new CA must be installed in every client.
  std::vector<std::string> uncovered(std::span<const std::string> configured) const;

 private:
  ca_certificate() = default;

  net::x509_ptr certificate_;
  std::string pem_;
  std::string subject_;
  std::string fingerprint_;
  validity period_;
  std::vector<std::string> permitted_;
};

/// The message for a CA that is narrower than configured: what is missing, what follows, what to run. Empty if it
/// covers all.
std::string narrower_than_configured(std::span<const std::string> uncovered);

}  // namespace mitm
