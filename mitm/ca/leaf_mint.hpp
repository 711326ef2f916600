#pragma once

// Signs server certificates for intercepted hosts. One P-256 key, fresh in every process and never stored, serves all
// leaves: they are as good as each other, and generating a key costs as much as signing. certificate_cache drives it.

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mitm/ca/certificate_authority.hpp"

namespace mitm {

inline constexpr std::chrono::hours default_leaf_lifetime{24 * 30};
inline constexpr std::chrono::hours max_leaf_lifetime{24 * 89};  // with the backdating: 90 days
inline constexpr std::size_t max_leaf_names = 128;               // of one certificate; further ones are left out

struct minted_leaf {
  net::x509_ptr certificate;
  wall_time not_after;
};

class leaf_mint {
 public:
  /// A lifetime beyond max_leaf_lifetime is cut to it.
  static ca_result<leaf_mint> make(std::shared_ptr<const certificate_authority> authority,
                                   std::chrono::seconds lifetime = default_leaf_lifetime);

  /// Of the given names those a leaf can carry, normalised and each once: host names, also with "*." before them, that
  /// the CA covers.
  std::vector<std::string> usable(std::span<const std::string> names) const;

  /// A leaf for the usable names, the first of them as common name if it fits; an error if none is usable or the CA has
  /// expired. No leaf outlives the CA.
  ca_result<minted_leaf> mint(std::span<const std::string> names, wall_time now) const;

  const certificate_authority& authority() const noexcept { return *authority_; }
  EVP_PKEY* key() const noexcept { return key_.get(); }

 private:
  leaf_mint(std::shared_ptr<const certificate_authority> authority, net::key_ptr key, std::chrono::seconds lifetime)
      : authority_(std::move(authority)), key_(std::move(key)), lifetime_(lifetime) {}

  bool fill_and_sign(X509* certificate, std::span<const std::string> names) const;

  std::shared_ptr<const certificate_authority> authority_;
  net::key_ptr key_;
  std::chrono::seconds lifetime_;
};

}  // namespace mitm
