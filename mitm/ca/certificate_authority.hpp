#pragma once

// Our CA. That of a service is created at its first start and kept in the state directory; that of a run exists only in
// the process. It is a P-256 key and a self-signed certificate
// (RFC 5280) that is valid only for the configured hosts: pathlen 0, and critical name constraints that permit the DNS
// subtrees and exclude all IP addresses. So a stolen key is worth little. A wider host list needs a new CA, which
// rotate() makes only on request. leaf_mint signs with it.

#include <chrono>
#include <span>
#include <string>

#include "mitm/ca/ca_certificate.hpp"

namespace mitm {

inline constexpr std::chrono::hours certificate_backdate{24};  // for clients whose clocks are slow
inline constexpr std::chrono::hours ca_lifetime{24 * 365};     // including the backdate

class certificate_authority {
 public:
  /// Makes a CA for `subtrees` in memory. Its key goes with the process.
  static ca_result<certificate_authority> make(std::span<const std::string> subtrees, wall_time now);

  /// Loads the CA from `files`, or creates one for `subtrees` (intercept_policy::constraints) if there is none. Creates
  /// the directory if missing. If two processes do this at once, one creates the CA and both get it. Refuses a
  /// certificate without its key: clients trust that certificate, but would not trust a new CA.
  static ca_result<certificate_authority> open_or_create(const ca_files& files, std::span<const std::string> subtrees,
                                                         wall_time now);

  /// Refuses a key file that others can read, that is not ours, or that is a link; a key that does not match the
  /// certificate; and an expired CA. uncovered() tells whether it covers the configuration; a narrower CA still serves
  /// what it covers.
  static ca_result<certificate_authority> load(const ca_files& files, wall_time now);

  /// Makes a new key and CA. Keeps the previous files as *.old.
  static ca_result<certificate_authority> rotate(const ca_files& files, std::span<const std::string> subtrees,
                                                 wall_time now);

  const ca_certificate& certificate() const noexcept { return certificate_; }
  EVP_PKEY* key() const noexcept { return key_.get(); }

  /// What was wrong with the published certificate and has been repaired. Empty: nothing was.
  const std::string& mended() const noexcept { return mended_; }

 private:
  certificate_authority(ca_certificate certificate, net::key_ptr key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  static ca_result<certificate_authority> parse(const std::string& pem, wall_time now);
  ca_result<std::string> to_key_file() const;
  ca_result<void> publish(const ca_files& files);
  ca_result<void> look_at_published(const ca_files& files);

  ca_certificate certificate_;
  net::key_ptr key_;
  std::string mended_;
};

}  // namespace mitm
