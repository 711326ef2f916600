#include "app/accounting/account_key.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace app {
namespace {

std::uint64_t account_of(const account_key& key, const std::string& lines, const std::string& target = "/v1/messages") {
  const std::string head = "POST " + target + " HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
  return key.of(*net::wire::parse_request_head(head));
}

TEST(account_key, tells_credentials_apart_and_the_same_is_the_same) {
  const account_key key("secret");
  std::set<std::uint64_t> accounts;
  for (const char* lines : {"Authorization: Bearer sk-1\r\n", "Authorization: Bearer sk-2\r\n", "x-api-key: sk-3\r\n",
                            "api-key: sk-4\r\n", "x-goog-api-key: sk-5\r\n"})
    accounts.insert(account_of(key, lines));
  accounts.insert(account_of(key, "", "/v1beta/models/x:generateContent?alt=sse&key=sk-6"));
  EXPECT_EQ(accounts.size(), 6u);
  EXPECT_FALSE(accounts.contains(0));
  EXPECT_EQ(account_of(key, "authorization: Bearer sk-1\r\n"), account_of(key, "Authorization: Bearer  sk-1\r\n"));
}

TEST(account_key, a_key_is_one_account_wherever_it_stands) {
  const account_key key("secret");
  const auto account = account_of(key, "x-api-key: sk-1\r\n");
  EXPECT_EQ(account_of(key, "Authorization: Bearer sk-1\r\n"), account);
  EXPECT_EQ(account_of(key, "Authorization: sk-1\r\n"), account);
  EXPECT_EQ(account_of(key, "x-goog-api-key: sk-1\r\n"), account);
  EXPECT_EQ(account_of(key, "", "/m?key=sk-1"), account);
  EXPECT_EQ(account_of(key, "", "/m?key=sk-1&alt=sse"), account);
}

TEST(account_key, an_account_that_is_named_survives_a_new_token) {
  const account_key key("secret");
  const auto account = account_of(key, "Authorization: Bearer old\r\nChatGPT-Account-Id: 11-22\r\n");
  EXPECT_EQ(account_of(key, "Authorization: Bearer new\r\nChatGPT-Account-Id: 11-22\r\n"), account);
  EXPECT_NE(account_of(key, "Authorization: Bearer old\r\nChatGPT-Account-Id: 33\r\n"), account);
  EXPECT_NE(account_of(key, "Authorization: Bearer 11-22\r\n"), account) << "a name is no key";
}

TEST(account_key, a_signature_counts_by_the_id_of_its_key) {
  const account_key key("secret");
  const auto signed_with = [&](const std::string& id, const std::string& day) {
    return account_of(key, "Authorization: AWS4-HMAC-SHA256 Credential=" + id + "/" + day +
                               "/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=" + day + "\r\n");
  };
  EXPECT_EQ(signed_with("AKIA1", "20260101"), signed_with("AKIA1", "20260102"));
  EXPECT_NE(signed_with("AKIA1", "20260101"), signed_with("AKIA2", "20260101"));
}

TEST(account_key, without_a_credential_there_is_no_account) {
  const account_key key("secret");
  EXPECT_EQ(account_of(key, "", "/m?monkey=1&keys=2&key="), 0u);
  EXPECT_EQ(account_key::to_text(0), "-");
}

TEST(account_key, is_hmac_sha_256_under_the_secret) {
  // RFC 4231 does not know the mark before the value; computed with Python's hmac.
  const account_key key("secret");
  EXPECT_EQ(account_key::to_text(account_of(key, "x-api-key: sk-1\r\n")), "d1b80362fbc1e704");
  EXPECT_NE(account_of(account_key("other"), "x-api-key: sk-1\r\n"), account_of(key, "x-api-key: sk-1\r\n"));
  EXPECT_EQ(account_key::to_text(0xab), "00000000000000ab");
}

}  // namespace
}  // namespace app
