#include "mitm/ca/leaf_mint.hpp"

#include <algorithm>

#include <openssl/err.h>

#include "net/text/host_name.hpp"

namespace mitm {
namespace {

constexpr std::size_t max_common_name = 64;  // ub-common-name

bool is_leaf_name(std::string_view name) {
  return net::text::is_host_name(name.starts_with("*.") ? name.substr(2) : name);
}

}  // namespace

EVP_PKEY* lazy_rsa_key::get() {
  const std::lock_guard lock(mutex_);
  if (!key_) {
    key_ = make_rsa_key();
    made_.store(key_.get(), std::memory_order_release);
  }
  return key_.get();
}

ca_result<leaf_mint> leaf_mint::make(std::shared_ptr<const certificate_authority> authority,
                                     std::chrono::seconds lifetime) {
  ERR_clear_error();
  net::key_ptr key = make_key();
  if (!key) return openssl_error("cannot make the key of the leaves");
  return leaf_mint{std::move(authority), std::move(key), std::min<std::chrono::seconds>(lifetime, max_leaf_lifetime)};
}

std::vector<std::string> leaf_mint::usable(std::span<const std::string> names) const {
  std::vector<std::string> kept;
  for (const std::string& given : names) {
    if (kept.size() == max_leaf_names) break;
    std::string name = net::text::normal_host_name(given);
    const bool wanted = is_leaf_name(name) && authority_->certificate().covers(name);
    if (wanted && std::find(kept.begin(), kept.end(), name) == kept.end()) kept.push_back(std::move(name));
  }
  return kept;
}

bool leaf_mint::fill_and_sign(X509* certificate, std::span<const std::string> names) const {
  X509* issuer = authority_->certificate().get();
  const bool named = names.front().size() <= max_common_name;
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         (!named || add_name_entry(X509_get_subject_name(certificate), "CN", names.front())) &&
         add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
         add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
         add_alternative_names(certificate, names, !named) &&
         X509_sign(certificate, authority_->key(), EVP_sha256()) > 0;
}

ca_result<minted_leaf> leaf_mint::mint(std::span<const std::string> names, wall_time now, leaf_key kind) const {
  const std::vector<std::string> kept = usable(names);
  if (kept.empty()) return ca_error{"the CA does not cover any of the names a leaf was asked for"};
  const wall_time end = authority_->certificate().not_after();
  if (end <= now) return ca_error{"the CA expired on " + to_iso_time(end) + "; run: zerogravity ca rotate"};
  ERR_clear_error();
  // In whole seconds, as in the certificate.
  const wall_time until = std::min<wall_time>(std::chrono::floor<std::chrono::seconds>(now + lifetime_), end);
  EVP_PKEY* const key = kind == leaf_key::rsa ? rsa_key_->get() : key_.get();
  if (key == nullptr) return openssl_error("cannot make the key of the RSA leaves");
  net::x509_ptr certificate = begin_certificate(key, {now - certificate_backdate, until});
  if (!certificate || !fill_and_sign(certificate.get(), kept)) {
    return openssl_error("cannot mint a leaf for " + kept.front());
  }
  return minted_leaf{std::move(certificate), until};
}

}  // namespace mitm
