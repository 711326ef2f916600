#include "mitm/policy/tls_terms.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace mitm {
namespace {

struct named {
  std::uint16_t number;
  std::string_view name;  // OpenSSL's
};

// The same as net::strong_ciphers: three for ECDSA keys, then three for RSA keys.
constexpr std::array ciphers{
    named{0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256"}, named{0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384"},
    named{0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305"}, named{0xc02f, "ECDHE-RSA-AES128-GCM-SHA256"},
    named{0xc030, "ECDHE-RSA-AES256-GCM-SHA384"},   named{0xcca8, "ECDHE-RSA-CHACHA20-POLY1305"}};
constexpr std::span<const named> ecdsa_ciphers = std::span(ciphers).first<3>();
constexpr std::span<const named> rsa_ciphers = std::span(ciphers).last<3>();
constexpr std::array suites{named{0x1302, "TLS_AES_256_GCM_SHA384"}, named{0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
                            named{0x1301, "TLS_AES_128_GCM_SHA256"}};
// A client that offers the first three is assumed to accept any.
constexpr std::array groups{named{0x001d, "X25519"}, named{0x0017, "P-256"}, named{0x0018, "P-384"},
                            named{0x0019, "P-521"}, named{0x001e, "X448"}};
constexpr std::span<const named> usual_groups = std::span(groups).first<3>();
constexpr std::uint16_t p256 = 0x0017;
constexpr std::uint16_t ecdsa_signature = 0x0403;                               // ecdsa_secp256r1_sha256
constexpr std::array<std::uint16_t, 3> pss_signatures{0x0804, 0x0805, 0x0806};  // rsa_pss_rsae_sha256 and longer
constexpr std::array<std::uint16_t, 3> rsa_signatures{0x0401, 0x0501, 0x0601};  // rsa_pkcs1_sha256 …, TLS 1.2 only

using numbers = std::vector<std::uint16_t>;

bool has(const numbers& offered, std::uint16_t number) {
  return std::ranges::find(offered, number) != offered.end();
}

bool has_any(const numbers& offered, std::span<const named> known) {
  return std::ranges::any_of(known, [&](const named& each) { return has(offered, each.number); });
}

bool has_any(const numbers& offered, std::span<const std::uint16_t> known) {
  return std::ranges::any_of(known, [&](std::uint16_t each) { return has(offered, each); });
}

bool has_all(const numbers& offered, std::span<const named> known) {
  return std::ranges::all_of(known, [&](const named& each) { return has(offered, each.number); });
}

std::string list_of(const numbers& offered, std::span<const named> known) {
  std::string list;
  for (const named& each : known) {
    if (has(offered, each.number)) list.append(list.empty() ? "" : ":").append(each.name);
  }
  return list;
}

bool speaks(const net::wire::tls_offer& offer, std::uint16_t version) {
  if (!offer.versions.empty()) return has(offer.versions, version);
  return version == tls_terms::tls_1_2 && offer.legacy_version >= version;
}

bool takes_new_one(const net::wire::tls_offer& offer) {
  return speaks(offer, tls_terms::tls_1_3) && has_any(offer.suites, suites);
}

bool takes_old_one(const net::wire::tls_offer& offer) {
  return speaks(offer, tls_terms::tls_1_2) && has_any(offer.suites, ciphers);
}

}  // namespace

std::optional<leaf_key> leaf_key_for(const net::wire::tls_offer& offer) {
  const bool pss = has_any(offer.signatures, pss_signatures);
  if (takes_new_one(offer)) {  // which our library prefers; its suites say nothing about keys
    if (has(offer.signatures, ecdsa_signature)) return leaf_key::ecdsa;
    return pss ? std::optional(leaf_key::rsa) : std::nullopt;
  }
  // In TLS 1.2 the groups are about the curve of the certificate, too (RFC 8422 §5.1).
  const bool curve = offer.groups.empty() || has(offer.groups, p256);
  if (curve && has_any(offer.suites, ecdsa_ciphers) && has(offer.signatures, ecdsa_signature)) return leaf_key::ecdsa;
  const bool signs = pss || has_any(offer.signatures, rsa_signatures);
  return signs && has_any(offer.suites, rsa_ciphers) ? std::optional(leaf_key::rsa) : std::nullopt;
}

std::optional<tls_terms> terms_for(const net::wire::tls_offer& offer) {
  const bool new_one = takes_new_one(offer);
  const bool old_one = takes_old_one(offer);
  if (!new_one && !old_one) return tls_terms();
  const bool keys = offer.groups.empty() || has_any(offer.groups, groups);
  if (!keys || !leaf_key_for(offer)) return std::nullopt;

  tls_terms terms;
  if (!old_one) terms.at_least = tls_terms::tls_1_3;
  if (old_one && !has_all(offer.suites, ciphers)) terms.ciphers = list_of(offer.suites, ciphers);
  if (new_one && !has_all(offer.suites, suites)) terms.suites = list_of(offer.suites, suites);
  if (!offer.groups.empty() && !has_all(offer.groups, usual_groups)) terms.groups = list_of(offer.groups, groups);
  return terms;
}

}  // namespace mitm
