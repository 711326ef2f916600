#include "mitm/ca/leaf_mint.hpp"

#include <set>

#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include "test/mitm/ca/fixtures.hpp"

namespace mitm {
namespace {

using namespace test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

using names = std::vector<std::string>;

class minting : public testing::Test {
 protected:
  minted_leaf mint(const names& wanted, wall_time at = now) { return mint_.mint(wanted, at).value(); }
  X509* ca() const { return authority_->certificate().get(); }

  /// What a thief of the key could sign.
  net::x509_ptr sign_by_hand(const char* alternative_names, const char* common_name) const {
    const net::key_ptr key = make_key();
    net::x509_ptr certificate = begin_certificate(key.get(), {now - 1h, now + 24h});
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(ca()));
    if (common_name != nullptr) add_name_entry(X509_get_subject_name(certificate.get()), "CN", common_name);
    add_extension(certificate.get(), ca(), NID_subject_key_identifier, "hash");
    add_extension(certificate.get(), ca(), NID_authority_key_identifier, "keyid:always");
    if (alternative_names != nullptr) add_extension(certificate.get(), ca(), NID_subject_alt_name, alternative_names);
    X509_sign(certificate.get(), authority_->key(), EVP_sha256());
    return certificate;
  }

  scratch_directory scratch_;
  std::shared_ptr<const certificate_authority> authority_ = new_authority(scratch_.path());
  leaf_mint mint_ = leaf_mint::make(authority_).value();
};

names alternative_names(X509* certificate) {
  const net::general_names_ptr list{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  names found;
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    const ASN1_IA5STRING* text = sk_GENERAL_NAME_value(list.get(), i)->d.dNSName;
    found.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                       static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  return found;
}

TEST_F(minting, a_leaf_verifies_strictly_for_each_of_its_names_and_no_other) {
  const auto leaf = mint({"api.openai.com", "cloudcode-pa.googleapis.com"});
  EXPECT_EQ(verify(leaf.certificate.get(), ca(), "api.openai.com"), X509_V_OK);
  EXPECT_EQ(verify(leaf.certificate.get(), ca(), "cloudcode-pa.googleapis.com"), X509_V_OK);
  EXPECT_EQ(verify(leaf.certificate.get(), ca(), "chatgpt.com"), X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST_F(minting, what_the_key_signs_outside_the_constraints_is_refused) {
  const auto by_hand = [this](const char* alternatives, const char* common) {
    return verify(sign_by_hand(alternatives, common).get(), ca(), nullptr);
  };
  EXPECT_EQ(by_hand("critical,DNS:api.openai.com", nullptr), X509_V_OK) << "the hand-made leaf itself is sound";
  EXPECT_EQ(by_hand("critical,DNS:www.example.org", nullptr), X509_V_ERR_PERMITTED_VIOLATION);
  EXPECT_EQ(by_hand("critical,DNS:openai.com", nullptr), X509_V_ERR_PERMITTED_VIOLATION);
  EXPECT_EQ(by_hand("critical,DNS:api.openai.com,DNS:mybank.example", nullptr), X509_V_ERR_PERMITTED_VIOLATION);
  EXPECT_EQ(by_hand("critical,IP:192.0.2.1", nullptr), X509_V_ERR_EXCLUDED_VIOLATION);
  EXPECT_EQ(by_hand("critical,IP:2001:db8::1", nullptr), X509_V_ERR_EXCLUDED_VIOLATION);
  EXPECT_EQ(by_hand(nullptr, "www.example.org"), X509_V_ERR_PERMITTED_VIOLATION) << "a common name is no way around";
}

TEST_F(minting, names_the_ca_does_not_cover_are_left_out) {
  const auto leaf =
      mint({"example.org", "API.OpenAI.com.", "*.googleapis.com", "api.openai.com", "x y.googleapis.com"});
  EXPECT_THAT(alternative_names(leaf.certificate.get()), ElementsAre("api.openai.com", "*.googleapis.com"));
  EXPECT_EQ(verify(leaf.certificate.get(), ca(), "cloudcode-pa.googleapis.com"), X509_V_OK);
}

TEST_F(minting, without_any_usable_name_there_is_no_leaf) {
  for (const names& wanted :
       {names{}, names{"example.org"}, names{"192.0.2.1"}, names{"a..googleapis.com"}, names{""}}) {
    const auto refused = mint_.mint(wanted, now);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("does not cover"));
  }
}

TEST_F(minting, further_names_than_a_leaf_may_have_are_left_out) {
  names many;
  for (std::size_t i = 0; i < max_leaf_names + 10; ++i) many.push_back("h" + std::to_string(i) + ".googleapis.com");
  EXPECT_EQ(alternative_names(mint(many).certificate.get()).size(), max_leaf_names);
}

TEST_F(minting, a_leaf_is_for_servers_and_for_signatures_only) {
  const auto leaf = mint({"api.openai.com"});
  X509* certificate = leaf.certificate.get();
  EXPECT_EQ(X509_check_ca(certificate), 0);
  EXPECT_EQ(X509_get_key_usage(certificate), unsigned{KU_DIGITAL_SIGNATURE});
  EXPECT_EQ(X509_get_extended_key_usage(certificate), unsigned{XKU_SSL_SERVER});
  EXPECT_NE(X509_get0_subject_key_id(certificate), nullptr);
  ASSERT_NE(X509_get0_authority_key_id(certificate), nullptr);
  EXPECT_EQ(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(certificate), X509_get0_subject_key_id(ca())), 0);
}

TEST_F(minting, a_leaf_is_valid_from_a_day_ago_for_the_configured_time) {
  const auto leaf = mint({"api.openai.com"});
  EXPECT_EQ(to_wall_time(X509_get0_notBefore(leaf.certificate.get())), now - 24h);
  EXPECT_EQ(to_wall_time(X509_get0_notAfter(leaf.certificate.get())), now + default_leaf_lifetime);
  EXPECT_EQ(leaf.not_after, now + default_leaf_lifetime);
}

TEST_F(minting, a_leaf_lives_ninety_days_at_most) {
  const auto mint = leaf_mint::make(authority_, 24h * 1000).value();
  const auto leaf = mint.mint(names{"api.openai.com"}, now).value();
  const auto from = to_wall_time(X509_get0_notBefore(leaf.certificate.get()));
  EXPECT_EQ(leaf.not_after - *from, 24h * 90);
}

TEST_F(minting, no_leaf_outlives_the_ca_and_an_expired_ca_mints_none) {
  const wall_time end = authority_->certificate().not_after();
  EXPECT_EQ(mint({"api.openai.com"}, end - 48h).not_after, end);
  const auto refused = mint_.mint(names{"api.openai.com"}, end);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("expired"));
}

TEST_F(minting, serial_numbers_are_positive_random_and_128_bits_long_at_most) {
  std::set<std::string> seen;
  int longest = 0;
  for (int i = 0; i < 64; ++i) {
    const auto leaf = mint({"api.openai.com"});
    const ASN1_INTEGER* serial = X509_get0_serialNumber(leaf.certificate.get());
    const net::bignum_ptr number{ASN1_INTEGER_to_BN(serial, nullptr)};
    EXPECT_EQ(ASN1_STRING_type(serial), V_ASN1_INTEGER) << "not negative";
    EXPECT_FALSE(BN_is_zero(number.get()));
    longest = std::max(longest, BN_num_bits(number.get()));
    seen.emplace(reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
                 static_cast<std::size_t>(ASN1_STRING_length(serial)));
  }
  EXPECT_EQ(seen.size(), 64u);
  EXPECT_LE(longest, 128);
  EXPECT_GT(longest, 112);
}

TEST_F(minting, all_leaves_of_a_process_share_one_key_which_is_not_the_cas) {
  const auto one = mint({"api.openai.com"});
  const auto two = mint({"chatgpt.com"});
  EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(one.certificate.get()), X509_get0_pubkey(two.certificate.get())), 1);
  EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(one.certificate.get()), mint_.key()), 1);
  EXPECT_EQ(EVP_PKEY_eq(mint_.key(), authority_->key()), 0);
  EXPECT_EQ(EVP_PKEY_eq(mint_.key(), leaf_mint::make(authority_).value().key()), 0) << "fresh in every process";
}

TEST_F(minting, a_name_too_long_for_a_common_name_gives_an_empty_subject_and_critical_alternatives) {
  const std::string label(50, 'a');
  for (const std::string& host : {label + ".googleapis.com", label.substr(1) + ".googleapis.com"}) {
    const auto leaf = mint({host});
    X509* certificate = leaf.certificate.get();
    const bool named = host.size() <= 64;
    EXPECT_EQ(X509_NAME_entry_count(X509_get_subject_name(certificate)), named ? 1 : 0) << host.size();
    const int position = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
    EXPECT_EQ(X509_EXTENSION_get_critical(X509_get_ext(certificate, position)), named ? 0 : 1);
    EXPECT_EQ(verify(certificate, ca(), host.c_str()), X509_V_OK);
  }
  EXPECT_EQ((label + ".googleapis.com").size(), 65u);
}

TEST_F(minting, a_leaf_for_clients_that_take_only_rsa_has_a_key_that_is_made_once_and_our_signature) {
  EXPECT_FALSE(mint_.rsa_key()->ready()) << "nobody asked for it yet";
  const auto first = mint_.mint(names{"api.openai.com"}, now, leaf_key::rsa).value();
  const auto second = mint_.mint(names{"chatgpt.com"}, now, leaf_key::rsa).value();
  EXPECT_TRUE(mint_.rsa_key()->ready());
  EVP_PKEY* const key = X509_get0_pubkey(first.certificate.get());
  EXPECT_EQ(EVP_PKEY_get_base_id(key), EVP_PKEY_RSA);
  EXPECT_EQ(EVP_PKEY_get_bits(key), 2048);
  EXPECT_EQ(EVP_PKEY_eq(key, X509_get0_pubkey(second.certificate.get())), 1);
  EXPECT_EQ(EVP_PKEY_eq(key, mint_.rsa_key()->get()), 1);
  EXPECT_EQ(verify(first.certificate.get(), ca(), "api.openai.com"), X509_V_OK);
  EXPECT_EQ(X509_get_key_usage(first.certificate.get()), unsigned{KU_DIGITAL_SIGNATURE}) << "no key transport";
}

}  // namespace
}  // namespace mitm
