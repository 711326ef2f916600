#include "mitm/ca/server_identity.hpp"

#include <gtest/gtest.h>

#include "mitm/ca/server_context.hpp"
#include "test/mitm/ca/fixtures.hpp"
#include "test/mitm/ca/tls_pair.hpp"

namespace mitm {
namespace {

using namespace test;
using session = std::unique_ptr<SSL_SESSION, net::deleter<SSL_SESSION_free>>;

class identities : public testing::Test {
 protected:
  identities() { X509_STORE_add_cert(SSL_CTX_get_cert_store(client_.get()), authority_->certificate().get()); }

  minted_leaf mint(const char* name) const {
    return mint_.mint(std::vector<std::string>{name}, std::chrono::system_clock::now()).value();
  }
  server_identity_ptr serve(const char* name) const {
    return server_identity::make(server_, mint(name).certificate, mint_.key()).value();
  }
  session visit(const server_identity& shown, const char* name) const {
    tls_pair pair{shown, client_.get(), name};
    EXPECT_TRUE(pair.handshake());
    EXPECT_EQ(pair.server_says("hello"), "hello");
    SSL_shutdown(pair.client());  // or it would be taken for a session that failed
    return session(SSL_get1_session(pair.client()));
  }
  bool resumes(SSL_SESSION* before, const server_identity& shown, const char* name) const {
    tls_pair pair{shown, client_.get(), name};
    SSL_set_session(pair.client(), before);
    EXPECT_TRUE(pair.handshake());
    return SSL_session_reused(pair.client()) == 1;
  }

  scratch_directory scratch_;
  std::shared_ptr<const certificate_authority> authority_ =
      new_authority(scratch_.path(), std::chrono::system_clock::now());
  leaf_mint mint_ = leaf_mint::make(authority_).value();
  net::ssl_context_ptr server_ = make_server_context().value();
  net::ssl_context_ptr client_ = new_client();
};

TEST_F(identities, of_one_context_show_each_its_own_leaf) {
  const auto openai = serve("api.openai.com");
  const auto google = serve("cloudcode-pa.googleapis.com");
  visit(*openai, "api.openai.com");
  visit(*google, "cloudcode-pa.googleapis.com");
  tls_pair wrong{*google, client_.get(), "api.openai.com"};
  EXPECT_FALSE(wrong.handshake());
}

TEST_F(identities, resume_their_own_sessions_and_no_others) {
  const auto first = serve("api.openai.com");
  const auto second = serve("api.openai.com");
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    SSL_CTX_set_max_proto_version(client_.get(), version);
    const session before = visit(*first, "api.openai.com");
    EXPECT_TRUE(resumes(before.get(), *first, "api.openai.com")) << version;
    EXPECT_FALSE(resumes(before.get(), *second, "api.openai.com")) << version;
  }
}

TEST_F(identities, live_on_without_who_made_them) {
  server_identity_ptr kept;
  {
    const auto other = leaf_mint::make(authority_).value();
    auto leaf = other.mint(std::vector<std::string>{"api.openai.com"}, std::chrono::system_clock::now()).value();
    kept = server_identity::make(make_server_context().value(), std::move(leaf.certificate), other.key()).value();
  }
  visit(*kept, "api.openai.com");
}

TEST_F(identities, are_not_made_with_a_key_that_is_not_the_leafs) {
  const net::key_ptr other = make_key();
  const auto made = server_identity::make(server_, mint("api.openai.com").certificate, other.get());
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("private key mismatch"), std::string::npos) << made.error().message;
}

TEST_F(identities, with_an_rsa_key_serve_clients_that_take_nothing_else) {
  const auto ecdsa = serve("api.openai.com");
  auto leaf = mint_.mint(std::vector<std::string>{"api.openai.com"}, std::chrono::system_clock::now(), leaf_key::rsa);
  const auto rsa = server_identity::make(server_, std::move(leaf->certificate), mint_.rsa_key()->get()).value();
  const auto served = [this](const server_identity& shown) {
    tls_pair pair{shown, client_.get(), "api.openai.com"};
    return pair.handshake();
  };
  SSL_CTX_set1_sigalgs_list(client_.get(), "rsa_pss_rsae_sha256:rsa_pkcs1_sha256");
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    SSL_CTX_set_max_proto_version(client_.get(), version);
    EXPECT_TRUE(served(*rsa)) << version;
    EXPECT_FALSE(served(*ecdsa)) << version;
  }
  client_ = new_client();
  X509_STORE_add_cert(SSL_CTX_get_cert_store(client_.get()), authority_->certificate().get());
  SSL_CTX_set_max_proto_version(client_.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(client_.get(), "ECDHE-RSA-AES128-GCM-SHA256");
  EXPECT_TRUE(served(*rsa));
  EXPECT_FALSE(served(*ecdsa));
}

}  // namespace
}  // namespace mitm
