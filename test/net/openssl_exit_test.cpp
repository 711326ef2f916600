#include "net/openssl_exit.hpp"

#include <openssl/evp.h>
#include <unistd.h>

#include <cstdlib>

#include <gtest/gtest.h>

namespace {

constexpr int works = 7;

/// As a thread does that is still in a handshake.
void make_a_key() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
  ::_exit(key == nullptr ? 1 : works);
}

TEST(openssl_exit, openssl_works_for_as_long_as_the_process_lives) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const auto leave = [] {
    std::atexit(make_a_key);  // before OpenSSL registers anything: runs after it
    EVP_PKEY_free(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    std::exit(0);
  };
  EXPECT_EXIT(leave(), testing::ExitedWithCode(works), "");
}

}  // namespace
