#include "app/accounting/account_key.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "test/mitm/ca/fixtures.hpp"

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

TEST(account_secret, is_made_once_for_its_owner_alone) {
  const mitm::test::scratch_directory scratch;
  const auto made = open_or_create_account_secret(scratch.path());
  EXPECT_EQ(made.trouble, "");
  EXPECT_EQ(made.text.size(), 64u);
  struct stat found{};
  ASSERT_EQ(::stat((scratch.path() / "account-secret").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  EXPECT_EQ(open_or_create_account_secret(scratch.path()).text, made.text);
  const mitm::test::scratch_directory other;
  EXPECT_NE(open_or_create_account_secret(other.path()).text, made.text);
}

TEST(account_secret, one_that_cannot_be_used_is_replaced_for_this_time_and_is_told) {
  const mitm::test::scratch_directory scratch;
  const auto file = scratch.path() / "account-secret";
  const auto stored = open_or_create_account_secret(scratch.path()).text;
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  auto open = open_or_create_account_secret(scratch.path());
  EXPECT_NE(open.trouble.find("others may read it"), std::string::npos) << open.trouble;
  EXPECT_EQ(open.text.size(), 64u);
  EXPECT_NE(open.text, stored);
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  std::ofstream(file) << "short\n";
  open = open_or_create_account_secret(scratch.path());
  EXPECT_NE(open.trouble.find("holds no secret"), std::string::npos) << open.trouble;
  EXPECT_NE(open_or_create_account_secret(scratch.path() / "missing").trouble, "");
}

}  // namespace
}  // namespace app
