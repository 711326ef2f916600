#include "mitm/ca/trust_store.hpp"

#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <atomic>
#include <thread>
#include <vector>

#include "net/pem.hpp"
#include "test/mitm/ca/fixtures.hpp"

namespace mitm {
namespace {

using namespace test;
using testing::HasSubstr;

class trust_store : public testing::Test {
 protected:
  using authority = std::shared_ptr<const certificate_authority>;

  /// Its subject says the day.
  authority made(int days_ago = 0) {
    directories_.push_back(std::make_unique<scratch_directory>());
    return new_authority(directories_.back()->path(), now - std::chrono::hours(24 * days_ago));
  }

  ca_result<void> trust(std::string_view text) {
    write(scratch_ / "authorities.pem", text);
    return trust_file(store_.get(), scratch_ / "authorities.pem");
  }

  static net::x509_ptr leaf_of(const authority& by) {
    auto minted = leaf_mint::make(by)->mint(std::vector<std::string>{"chatgpt.com"}, now);
    return std::move(minted->certificate);
  }

  int verify(X509* leaf, unsigned long flags = 0) const {
    const std::unique_ptr<X509_STORE_CTX, net::deleter<X509_STORE_CTX_free>> context{X509_STORE_CTX_new()};
    X509_STORE_CTX_init(context.get(), store_.get(), leaf, nullptr);
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_flags(rules, flags);
    X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_trust(rules, X509_TRUST_SSL_SERVER);
    X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(now));
    return X509_verify_cert(context.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context.get());
  }
  int verify(const authority& by) const { return verify(leaf_of(by).get()); }

  int decoded() const { return sk_X509_OBJECT_num(X509_STORE_get0_objects(store_.get())); }

  std::vector<std::unique_ptr<scratch_directory>> directories_;
  scratch_directory scratch_;
  std::unique_ptr<X509_STORE, net::deleter<X509_STORE_free>> store_{X509_STORE_new()};
  authority one_ = made(1), two_ = made(2), three_ = made(3);
  std::string one_pem_ = one_->certificate().pem();
  std::string two_pem_ = two_->certificate().pem();
};

TEST_F(trust_store, trusts_what_the_file_holds_and_nothing_else) {
  ASSERT_FALSE(trust("# a comment\n" + one_pem_ + two_pem_).has_error());
  EXPECT_EQ(verify(two_), X509_V_OK);
  EXPECT_EQ(verify(one_), X509_V_OK);
  EXPECT_EQ(verify(one_), X509_V_OK);
  EXPECT_EQ(verify(three_), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

TEST_F(trust_store, decodes_a_certificate_only_when_a_chain_names_it) {
  ASSERT_FALSE(trust(one_pem_ + two_pem_).has_error());
  EXPECT_EQ(decoded(), 0);
  EXPECT_EQ(verify(three_), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  EXPECT_EQ(decoded(), 0);
  EXPECT_EQ(verify(one_), X509_V_OK);
  EXPECT_EQ(decoded(), 1);
}

TEST_F(trust_store, tries_all_certificates_of_a_subject) {
  const auto twin = made(1);
  ASSERT_EQ(twin->certificate().subject(), one_->certificate().subject());
  ASSERT_FALSE(trust(one_pem_ + twin->certificate().pem()).has_error());
  EXPECT_EQ(verify(one_), X509_V_OK);
  EXPECT_EQ(verify(twin), X509_V_OK);
}

TEST_F(trust_store, trusts_the_files_that_it_was_told_of_one_after_the_other) {
  ASSERT_FALSE(trust(one_pem_).has_error());
  ASSERT_FALSE(trust(two_pem_ + one_pem_).has_error());
  EXPECT_EQ(verify(one_), X509_V_OK);
  EXPECT_EQ(verify(two_), X509_V_OK);
}

TEST_F(trust_store, finds_a_certificate_that_is_itself_trusted_where_a_chain_may_end_early) {
  const auto leaf = leaf_of(three_);
  ASSERT_FALSE(trust(net::to_pem(leaf.get())).has_error());
  EXPECT_EQ(verify(leaf.get(), X509_V_FLAG_PARTIAL_CHAIN), X509_V_OK);
}

TEST_F(trust_store, heeds_what_a_trusted_certificate_is_not_trusted_for) {
  const auto file = scratch_ / "distrusted.pem";
  X509* certificate = one_->certificate().get();
  ASSERT_EQ(X509_add1_reject_object(certificate, OBJ_nid2obj(NID_server_auth)), 1);
  const net::bio_ptr out{BIO_new_file(file.c_str(), "w")};
  ASSERT_EQ(PEM_write_bio_X509_AUX(out.get(), certificate), 1);
  BIO_flush(out.get());
  ASSERT_FALSE(trust_file(store_.get(), file).has_error());
  EXPECT_EQ(verify(one_), X509_V_ERR_CERT_REJECTED);
}

TEST_F(trust_store, says_what_is_wrong_with_a_file_and_trusts_nothing_of_it) {
  EXPECT_THAT(trust_file(store_.get(), scratch_ / "none.pem").error().message, HasSubstr("none.pem: No such file"));
  EXPECT_THAT(trust("not PEM at all").error().message, HasSubstr("authorities.pem: no start line"));
  std::string damaged = two_pem_;
  damaged[100] = '!';
  EXPECT_THAT(trust(one_pem_ + damaged).error().message, HasSubstr("authorities.pem: bad base64 decode"));
  const std::string no_certificate = "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(trust(one_pem_ + no_certificate).error().message, HasSubstr("cannot read CA certificates from"));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_EQ(verify(one_), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

TEST_F(trust_store, serves_the_chains_of_several_threads_at_once) {
  ASSERT_FALSE(trust(one_pem_ + two_pem_).has_error());
  std::atomic<int> refused = 0;
  const auto verify_both = [&](const net::x509_ptr& first, const net::x509_ptr& second) {
    refused += (verify(first.get()) != X509_V_OK) + (verify(second.get()) != X509_V_OK);
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    // As connections do, each thread has leaves of its own.
    threads.emplace_back([verify_both, first = leaf_of(one_), second = leaf_of(two_)] { verify_both(first, second); });
  }
  threads.clear();
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace mitm
