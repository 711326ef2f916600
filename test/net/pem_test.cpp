#include "net/pem.hpp"

#include <gmock/gmock.h>
#include <openssl/pem.h>

#include "net/openssl_ptr.hpp"

namespace net {
namespace {

using testing::StartsWith;

bio_ptr reader_of(const std::string& pem) {
  return bio_ptr{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

TEST(pem, a_certificate_reads_back_as_the_same) {
  const key_ptr key{EVP_EC_gen("P-256")};
  const x509_ptr certificate{X509_new()};
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 60);
  ASSERT_EQ(X509_set_pubkey(certificate.get(), key.get()), 1);
  ASSERT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);

  const auto text = to_pem(certificate.get());
  EXPECT_THAT(text, StartsWith("-----BEGIN CERTIFICATE-----\n"));
  const x509_ptr read{PEM_read_bio_X509(reader_of(text).get(), nullptr, nullptr, nullptr)};
  ASSERT_TRUE(read);
  EXPECT_EQ(X509_cmp(read.get(), certificate.get()), 0);
}

TEST(pem, a_private_key_reads_back_as_the_same) {
  const key_ptr key{EVP_EC_gen("P-256")};

  const auto text = to_pem(key.get());
  EXPECT_THAT(text, StartsWith("-----BEGIN PRIVATE KEY-----\n"));
  const key_ptr read{PEM_read_bio_PrivateKey(reader_of(text).get(), nullptr, nullptr, nullptr)};
  ASSERT_TRUE(read);
  EXPECT_EQ(EVP_PKEY_eq(read.get(), key.get()), 1);
}

}  // namespace
}  // namespace net
