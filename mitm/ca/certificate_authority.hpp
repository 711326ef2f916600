#pragma once

// Our CA: created once, at first start, and kept in the state directory. It is a P-256 key and a self-signed
// certificate (RFC 5280) that can only speak for the configured hosts: pathlen 0, critical name constraints with the
// permitted DNS subtrees and every IP address excluded, so that a stolen key is worth little. A wider host list needs a
// new one, made by rotate() and only when asked. leaf_mint signs with it.

#include <chrono>
#include <span>
#include <string>

#include "mitm/ca/ca_certificate.hpp"

namespace mitm {

inline constexpr std::chrono::hours certificate_backdate{24};  // clients whose clocks are behind
inline constexpr std::chrono::hours ca_lifetime{24 * 365};     // the backdating included

class certificate_authority {
 public:
  /// Loads the CA of `files`, or makes one for `subtrees` (intercept_policy::constraints) if there is none. The
  /// directory is created if missing. Of two processes that do this at once, one creates and both get the same CA.
  /// Refuses a certificate whose key is missing: clients trust it, and a new CA would be one that they do not.
  static ca_result<certificate_authority> open_or_create(const ca_files& files, std::span<const std::string> subtrees,
                                                         wall_time now);

  /// Refuses a key file that others can read, that is not ours or a link; a key of another certificate; an expired CA.
  /// Whether it covers what is configured is asked with uncovered(): a narrower CA still serves what it does cover.
  static ca_result<certificate_authority> load(const ca_files& files, wall_time now);

  /// Makes a new key and CA; the files of the one before are kept as *.old.
  static ca_result<certificate_authority> rotate(const ca_files& files, std::span<const std::string> subtrees,
                                                 wall_time now);

  const ca_certificate& certificate() const noexcept { return certificate_; }
  EVP_PKEY* key() const noexcept { return key_.get(); }

  /// What of the published certificate was not as it should be and has been mended; empty: nothing.
  const std::string& mended() const noexcept { return mended_; }

 private:
  certificate_authority(ca_certificate certificate, net::key_ptr key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  static ca_result<certificate_authority> make(std::span<const std::string> subtrees, wall_time now);
  static ca_result<certificate_authority> parse(const std::string& pem, wall_time now);
  ca_result<std::string> to_key_file() const;
  ca_result<void> publish(const ca_files& files);
  ca_result<void> look_at_published(const ca_files& files);

  ca_certificate certificate_;
  net::key_ptr key_;
  std::string mended_;
};

}  // namespace mitm
