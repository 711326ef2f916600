#include "mitm/policy/tls_terms.hpp"

#include <gtest/gtest.h>

namespace mitm {
namespace {

using net::wire::tls_offer;
using numbers = std::vector<std::uint16_t>;

const numbers new_suites{0x1301, 0x1302, 0x1303};
const numbers strong{0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8};
constexpr std::uint16_t weak = 0xc009;  // ECDHE-ECDSA with AES-128-CBC and SHA-1

numbers joined(numbers one, const numbers& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

/// Chrome, in what matters here.
tls_offer usual() {
  return {.legacy_version = 0x0303,
          .versions = {0x3a3a, 0x0304, 0x0303},
          .suites = joined(new_suites, joined(strong, {weak, 0x002f})),
          .groups = {0x4a4a, 0x11ec, 0x001d, 0x0017, 0x0018},
          .signatures = {0x0403, 0x0804, 0x0401}};
}

TEST(tls_terms, of_a_usual_client_restrict_nothing) {
  const auto terms = terms_for(usual());
  ASSERT_TRUE(terms);
  EXPECT_FALSE(terms->restricted());
}

TEST(tls_terms, of_a_client_that_insists_on_tls_1_3_are_tls_1_3) {
  auto offer = usual();
  offer.versions = {0x0304};
  EXPECT_EQ(terms_for(offer)->at_least, tls_terms::tls_1_3);
  offer.versions = {0x0304, 0x0303};
  offer.suites = joined(new_suites, {weak});
  EXPECT_EQ(terms_for(offer)->at_least, tls_terms::tls_1_3) << "nothing that it offers for TLS 1.2 is taken";
}

TEST(tls_terms, of_an_older_client_are_by_its_version) {
  auto offer = usual();
  offer.versions.clear();
  offer.suites = strong;
  EXPECT_FALSE(terms_for(offer)->restricted());
}

TEST(tls_terms, hold_the_origin_to_what_the_client_offers) {
  auto offer = usual();
  offer.suites = {0x1302, 0xc02c, 0xc030, weak};
  offer.groups = {0x0018};
  const auto terms = terms_for(offer);
  EXPECT_EQ(terms->ciphers, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384");
  EXPECT_EQ(terms->suites, "TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(terms->groups, "P-384");
}

TEST(tls_terms, of_a_client_that_offers_only_weak_tls_are_left_to_the_handshake_that_refuses_it) {
  auto offer = usual();
  offer.versions = {0x0303};
  offer.suites = {weak, 0x002f};
  ASSERT_TRUE(terms_for(offer));
  EXPECT_FALSE(terms_for(offer)->restricted());
  offer = usual();
  offer.versions.clear();
  offer.legacy_version = 0x0302;
  EXPECT_TRUE(terms_for(offer)) << "TLS 1.1";
}

TEST(tls_terms, of_a_client_that_we_could_not_serve_are_none) {
  auto offer = usual();
  offer.groups = {0x11ec};
  EXPECT_FALSE(terms_for(offer)) << "only a key exchange that we do not have";
  offer = usual();
  offer.signatures = {0x0807};
  EXPECT_FALSE(terms_for(offer)) << "only signatures that our certificates have not";
  offer.signatures = {0x0401};
  EXPECT_FALSE(terms_for(offer)) << "PKCS #1 does not sign in TLS 1.3";
  offer.signatures.clear();
  EXPECT_FALSE(terms_for(offer)) << "without a list it would be SHA-1";
  offer = usual();
  offer.versions = {0x0303};
  offer.suites = {0xc02b};
  offer.groups = {0x001d};
  EXPECT_FALSE(terms_for(offer)) << "ECDSA in TLS 1.2, but not on the curve of our leaves";
}

TEST(leaf_key, of_a_client_that_takes_ecdsa_is_ecdsa) {
  EXPECT_EQ(leaf_key_for(usual()), leaf_key::ecdsa);
  auto offer = usual();
  offer.versions = {0x0303};
  EXPECT_EQ(leaf_key_for(offer), leaf_key::ecdsa);
  offer.suites = {0xc02b};
  offer.signatures = {0x0403};
  offer.groups.clear();
  EXPECT_EQ(leaf_key_for(offer), leaf_key::ecdsa) << "without groups any curve will do";
}

TEST(leaf_key, of_a_client_whose_tls_1_2_suites_are_authenticated_by_rsa_alone_is_rsa) {
  auto offer = usual();
  offer.versions = {0x0303};
  offer.suites = {0xc02f, 0xc030, 0xcca8, 0x009c};
  EXPECT_EQ(leaf_key_for(offer), leaf_key::rsa) << "although it knows ECDSA signatures";
  ASSERT_TRUE(terms_for(offer));
  EXPECT_EQ(terms_for(offer)->ciphers,
            "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305");
  offer.signatures = {0x0401};
  EXPECT_EQ(leaf_key_for(offer), leaf_key::rsa) << "by PKCS #1";
  offer.signatures = {0x0201};
  EXPECT_EQ(leaf_key_for(offer), std::nullopt) << "by SHA-1 alone";
}

TEST(leaf_key, of_a_client_without_ecdsa_signatures_is_rsa) {
  auto offer = usual();
  offer.signatures = {0x0804, 0x0805, 0x0806};
  EXPECT_EQ(leaf_key_for(offer), leaf_key::rsa) << "in TLS 1.3";
  offer.versions = {0x0303};
  EXPECT_EQ(leaf_key_for(offer), leaf_key::rsa) << "in TLS 1.2";
}

TEST(leaf_key, of_a_tls_1_2_client_without_our_curve_is_rsa) {
  auto offer = usual();
  offer.versions = {0x0303};
  offer.groups = {0x001d, 0x0018};
  EXPECT_EQ(leaf_key_for(offer), leaf_key::rsa);
  offer.versions = {0x0304};
  EXPECT_EQ(leaf_key_for(offer), leaf_key::ecdsa) << "in TLS 1.3 the groups are for the key exchange only";
}

}  // namespace
}  // namespace mitm
