#pragma once

// Signs server certificates for intercepted hosts. All leaves share one P-256 key, which is new in every process and
// never stored: separate keys would add no security, and generating one costs as much as signing. The leaves for
// clients that take only RSA share an RSA key, made when the first of them comes. certificate_cache drives it.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "mitm/ca/certificate_authority.hpp"
#include "mitm/policy/tls_terms.hpp"

namespace mitm {

inline constexpr std::chrono::hours default_leaf_lifetime{24 * 30};
inline constexpr std::chrono::hours max_leaf_lifetime{24 * 89};  // 90 days with the backdate
inline constexpr std::size_t max_leaf_names = 128;               // of one certificate; more are left out

struct minted_leaf {
  net::x509_ptr certificate;
  wall_time not_after;
};

/// An RSA key that is made when it is first asked for. From any thread.
class lazy_rsa_key {
 public:
  /// Blocks while the key is made (make_rsa_key). Null: it could not be, and OpenSSL's error queue knows why.
  EVP_PKEY* get();
  /// The key is made, so that get() does not block.
  bool ready() const noexcept { return made_.load(std::memory_order_acquire) != nullptr; }

 private:
  std::mutex mutex_;
  net::key_ptr key_;
  std::atomic<EVP_PKEY*> made_{nullptr};
};

class leaf_mint {
 public:
  /// Lifetimes are limited to max_leaf_lifetime.
  static ca_result<leaf_mint> make(std::shared_ptr<const certificate_authority> authority,
                                   std::chrono::seconds lifetime = default_leaf_lifetime);

  /// The names that a leaf can carry, normalised and without duplicates: host names, optionally after "*.", that the CA
  /// covers.
  std::vector<std::string> usable(std::span<const std::string> names) const;

  /// Makes a leaf for the usable names, with the first as common name if it fits. Fails if none is usable or the CA has
  /// expired. No leaf outlives the CA. The first RSA leaf blocks while its key is made, unless rsa_key() has it.
  ca_result<minted_leaf> mint(std::span<const std::string> names, wall_time now, leaf_key kind = leaf_key::ecdsa) const;

  const certificate_authority& authority() const noexcept { return *authority_; }
  EVP_PKEY* key() const noexcept { return key_.get(); }
  /// The key of the RSA leaves; outlives the mint where someone holds it.
  const std::shared_ptr<lazy_rsa_key>& rsa_key() const noexcept { return rsa_key_; }

 private:
  leaf_mint(std::shared_ptr<const certificate_authority> authority, net::key_ptr key, std::chrono::seconds lifetime)
      : authority_(std::move(authority)), key_(std::move(key)), lifetime_(lifetime) {}

  bool fill_and_sign(X509* certificate, std::span<const std::string> names) const;

  std::shared_ptr<const certificate_authority> authority_;
  net::key_ptr key_;
  std::shared_ptr<lazy_rsa_key> rsa_key_ = std::make_shared<lazy_rsa_key>();
  std::chrono::seconds lifetime_;
};

}  // namespace mitm
