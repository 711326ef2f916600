#include "mitm/ca/java_store.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "test/mitm/ca/fixtures.hpp"

namespace mitm {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

class java_store : public testing::Test {
 protected:
  /// Of one CA, with its certificate as DER.
  static std::string der_of(const certificate_authority& ca) {
    unsigned char* der = nullptr;
    const int length = i2d_X509(ca.certificate().get(), &der);
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return text;
  }
  static std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
    return count;
  }

  scratch_directory scratch_, one_, two_;
  std::shared_ptr<const certificate_authority> ours_ = new_authority(one_.path(), std::chrono::system_clock::now());
  std::shared_ptr<const certificate_authority> theirs_ = new_authority(two_.path(), std::chrono::system_clock::now());
};

TEST_F(java_store, holds_each_certificate_of_the_text_once) {
  const auto pem = ours_->certificate().pem();
  const auto store = compose_java_store("# a comment\n" + pem + theirs_->certificate().pem() + pem, {});
  ASSERT_TRUE(store.has_value());
  EXPECT_EQ(store->substr(0, 4), "\xfe\xed\xfe\xed");
  EXPECT_EQ(times(*store, der_of(*ours_)), 1u);
  EXPECT_EQ(times(*store, der_of(*theirs_)), 1u);
}

TEST_F(java_store, keeps_what_a_store_of_before_trusts) {
  write(scratch_ / "before", compose_java_store(theirs_->certificate().pem(), {}).value());
  const std::vector<std::filesystem::path> before{scratch_ / "missing", scratch_ / "before"};
  const auto store = compose_java_store(ours_->certificate().pem(), before);
  EXPECT_EQ(times(*store, der_of(*theirs_)), 1u);
  EXPECT_EQ(times(*store, der_of(*ours_)), 1u);
}

TEST_F(java_store, of_a_store_that_is_cut_off_takes_what_is_whole) {
  const auto whole = compose_java_store(theirs_->certificate().pem() + ours_->certificate().pem(), {}).value();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    write(scratch_ / "before", whole.substr(0, size));
    const std::vector<std::filesystem::path> before{scratch_ / "before"};
    ASSERT_TRUE(compose_java_store(ours_->certificate().pem(), before).has_value());
  }
}

TEST_F(java_store, says_whether_a_store_trusts_a_certificate) {
  write(scratch_ / "store", compose_java_store(theirs_->certificate().pem(), {}).value());
  EXPECT_TRUE(java_store_trusts(scratch_ / "store", theirs_->certificate().get()));
  EXPECT_FALSE(java_store_trusts(scratch_ / "store", ours_->certificate().get()));
  EXPECT_FALSE(java_store_trusts(scratch_ / "missing", ours_->certificate().get()));
}

TEST_F(java_store, without_a_certificate_there_is_none) {
  EXPECT_TRUE(compose_java_store("no PEM", {}).has_error());
}

TEST_F(java_store, java_reads_it_and_what_keytool_has_stored_stays_trusted) {
  if (std::system("command -v keytool >/dev/null 2>&1") != 0) GTEST_SKIP() << "no keytool is installed";
  const auto said = [](const std::string& command) {
    std::string text;
    FILE* output = ::popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> block;
    for (std::size_t got = 0; (got = std::fread(block.data(), 1, block.size(), output)) != 0;)
      text.append(block.data(), got);
    ::pclose(output);
    return text;
  };
  write(scratch_ / "theirs.pem", theirs_->certificate().pem());
  for (const std::string type : {"JKS", "PKCS12"}) {
    const auto before = scratch_.path() / ("before." + type);
    said("keytool -importcert -noprompt -alias theirs -storetype " + type + " -storepass changeit -file " +
         (scratch_ / "theirs.pem").string() + " -keystore " + before.string());
    const std::vector<std::filesystem::path> existing{before};
    write(scratch_ / "store", compose_java_store(ours_->certificate().pem(), existing).value());
    const auto listed = said("keytool -list -v -storepass changeit -keystore " + (scratch_ / "store").string());
    EXPECT_THAT(listed, HasSubstr("trustedCertEntry")) << type;
    EXPECT_THAT(listed, HasSubstr(ours_->certificate().fingerprint())) << type;
    EXPECT_THAT(listed, HasSubstr(theirs_->certificate().fingerprint())) << type;
    EXPECT_THAT(listed, Not(HasSubstr("tampered"))) << type;
  }
}

}  // namespace
}  // namespace mitm
