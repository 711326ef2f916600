#include "mitm/ca/server_context.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "test/mitm/ca/fixtures.hpp"
#include "test/mitm/ca/tls_pair.hpp"

namespace mitm {
namespace {

using namespace test;

class serving : public testing::Test {
 protected:
  void SetUp() override {
    auto leaf = mint_.mint(std::vector<std::string>{"api.openai.com"}, std::chrono::system_clock::now()).value();
    shown_ = server_identity::make(server_, std::move(leaf.certificate), mint_.key()).value();
    X509_STORE_add_cert(SSL_CTX_get_cert_store(client_.get()), authority_->certificate().get());
  }

  scratch_directory scratch_;
  std::shared_ptr<const certificate_authority> authority_ =
      new_authority(scratch_.path(), std::chrono::system_clock::now());
  leaf_mint mint_ = leaf_mint::make(authority_).value();
  net::ssl_context_ptr server_ = make_server_context().value();
  server_identity_ptr shown_;
  net::ssl_context_ptr client_ = new_client();
};

TEST_F(serving, clients_of_tls_1_2_and_1_3_get_through_and_older_ones_do_not) {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION, TLS1_1_VERSION}) {
    SSL_CTX_set_min_proto_version(client_.get(), 0);
    SSL_CTX_set_max_proto_version(client_.get(), version);
    SSL_CTX_set_security_level(client_.get(), 0);
    tls_pair pair{*shown_, client_.get(), "api.openai.com"};
    EXPECT_EQ(pair.handshake(), version >= TLS1_2_VERSION) << version;
    if (version >= TLS1_2_VERSION) EXPECT_EQ(SSL_version(pair.client()), version);
  }
  ERR_clear_error();
}

TEST_F(serving, a_ticket_resumes_a_session_under_both_versions) {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    SSL_CTX_set_max_proto_version(client_.get(), version);
    tls_pair first{*shown_, client_.get(), "api.openai.com"};
    ASSERT_TRUE(first.handshake());
    EXPECT_EQ(first.server_says("hello"), "hello");
    const std::unique_ptr<SSL_SESSION, net::deleter<SSL_SESSION_free>> session{SSL_get1_session(first.client())};
    tls_pair second{*shown_, client_.get(), "api.openai.com"};
    SSL_set_session(second.client(), session.get());
    ASSERT_TRUE(second.handshake());
    EXPECT_EQ(SSL_session_reused(second.client()), 1) << version;
  }
}

TEST_F(serving, buffers_are_released_and_partial_writes_may_move) {
  const long mode = SSL_CTX_get_mode(server_.get());
  const long wanted = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;
  EXPECT_EQ(mode & wanted, wanted);
  EXPECT_EQ(SSL_CTX_get_read_ahead(server_.get()), 1);
  EXPECT_EQ(SSL_CTX_get_num_tickets(server_.get()), 1u);
}

TEST_F(serving, renegotiation_and_compression_are_off_and_a_cut_stream_stays_an_error) {
  const auto options = SSL_CTX_get_options(server_.get());
  EXPECT_NE(options & SSL_OP_NO_RENEGOTIATION, 0u);
  EXPECT_NE(options & SSL_OP_NO_COMPRESSION, 0u);
  EXPECT_EQ(options & SSL_OP_IGNORE_UNEXPECTED_EOF, 0u);
}

}  // namespace
}  // namespace mitm
