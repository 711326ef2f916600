#include "mitm/policy/client_program.hpp"

#include <gtest/gtest.h>

namespace mitm {
namespace {

net::wire::client_hello hello() {
  return {.server_name = "a.example",
          .alpn = {"h2"},
          .offer = {.legacy_version = 0x0303,
                    .versions = {0x1a1a, 0x0304},
                    .suites = {0x2a2a, 0x1301},
                    .groups = {0x3a3a, 0x001d},
                    .signatures = {0x0403}}};
}

TEST(client_program, says_hello_alike_whatever_its_host_and_its_grease) {
  auto other = hello();
  other.server_name = "b.example";
  other.offer.versions[0] = 0xdada;
  other.offer.suites[0] = 0xeaea;
  EXPECT_EQ(hello_kind(hello()), hello_kind(other));
}

TEST(client_program, says_hello_otherwise_than_another) {
  auto other = hello();
  other.alpn = {"http/1.1"};
  EXPECT_NE(hello_kind(hello()), hello_kind(other));
  other = hello();
  other.offer.suites.push_back(0x1302);
  EXPECT_NE(hello_kind(hello()), hello_kind(other));
  other = hello();
  std::swap(other.offer.groups, other.offer.signatures);
  EXPECT_NE(hello_kind(hello()), hello_kind(other));
}

TEST(client_program, is_described_by_what_is_known_of_it) {
  EXPECT_EQ(describe({1000, "/usr/bin/curl"}), "/usr/bin/curl of uid 1000");
  EXPECT_EQ(describe({1000, "", "1a2b3c4d"}), "an unknown program with ClientHello 1a2b3c4d of uid 1000");
  EXPECT_EQ(describe({}), "an unknown program of an unknown user");
}

}  // namespace
}  // namespace mitm
