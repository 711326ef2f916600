#include "app/commands/ca_command.hpp"

#include <sstream>

#include <gmock/gmock.h>

#include "mitm/ca/certificate_authority.hpp"
#include "test/mitm/ca/fixtures.hpp"

namespace app {
namespace {

using mitm::test::content_of;
using mitm::test::now;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace fs = std::filesystem;

class ca_commands : public testing::Test {
 protected:
  ca_commands() {
    mitm::test::write(system_file_, other_->certificate().pem());
    request_ = {state_, state_ / "combined-ca.pem", system_file_, {}, {"api.openai.com", "*.googleapis.com"}};
  }

  ca_output to() {
    out_.str("");
    err_.str("");
    return {out_, err_};
  }
  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

  mitm::test::scratch_directory scratch_, another_;
  std::shared_ptr<const mitm::certificate_authority> other_ = mitm::test::new_authority(another_.path());
  const fs::path state_ = scratch_ / "it's state";
  const fs::path system_file_ = scratch_ / "system.pem";
  ca_request request_;
  std::ostringstream out_, err_;
};

TEST_F(ca_commands, before_the_first_start_show_path_and_env_say_what_to_do) {
  for (const auto command : {ca_show, ca_path, ca_env}) {
    EXPECT_EQ(command(request_, to()), ca_failed);
    EXPECT_THAT(out(), IsEmpty());
    EXPECT_THAT(err(), HasSubstr("zerogravity serve"));
  }
  EXPECT_FALSE(fs::exists(state_));
}

TEST_F(ca_commands, bundle_makes_the_ca_once_writes_the_bundle_and_prints_its_path) {
  EXPECT_EQ(ca_bundle(request_, to(), now), ca_done) << err();
  EXPECT_EQ(out(), request_.bundle_file.string() + "\n");
  const std::string first = content_of(request_.bundle_file);
  EXPECT_EQ(first, other_->certificate().pem() + content_of(state_ / "ca.pem"));
  EXPECT_EQ(ca_bundle(request_, to(), now), ca_done) << err();
  EXPECT_EQ(content_of(request_.bundle_file), first);
}

TEST_F(ca_commands, path_prints_the_certificate_alone) {
  ASSERT_EQ(ca_bundle(request_, to(), now), ca_done);
  EXPECT_EQ(ca_path(request_, to()), ca_done);
  EXPECT_EQ(out(), (state_ / "ca.pem").string() + "\n");
}

TEST_F(ca_commands, show_tells_all_that_is_worth_comparing_without_the_key) {
  ASSERT_EQ(ca_bundle(request_, to(), now), ca_done);
  fs::remove(state_ / "ca-key.pem");
  EXPECT_EQ(ca_show(request_, to()), ca_done);
  const auto certificate = mitm::ca_certificate::load(state_ / "ca.pem").value();
  for (const std::string& part :
       {certificate.subject(), certificate.fingerprint(), std::string("2026-02-02T04:05:06Z to 2027-02-02T04:05:06Z"),
        std::string("permitted    api.openai.com"), std::string("permitted    googleapis.com"),
        (state_ / "ca.pem").string(), (state_ / "ca-key.pem").string(), request_.bundle_file.string()}) {
    EXPECT_THAT(out(), HasSubstr(part));
  }
  EXPECT_THAT(err(), IsEmpty());
}

TEST_F(ca_commands, show_warns_of_hosts_the_ca_does_not_cover_and_rotate_mends_it) {
  ASSERT_EQ(ca_bundle(request_, to(), now), ca_done);
  const std::string old = content_of(state_ / "ca.pem");
  request_.hosts.push_back("chatgpt.com");
  EXPECT_EQ(ca_show(request_, to()), ca_done);
  EXPECT_THAT(err(), HasSubstr("chatgpt.com"));
  EXPECT_THAT(err(), HasSubstr("zerogravity ca rotate"));
  EXPECT_EQ(ca_rotate(request_, to(), now), ca_done) << err();
  EXPECT_EQ(content_of(state_ / "ca.pem.old"), old);
  EXPECT_THAT(content_of(request_.bundle_file), HasSubstr(content_of(state_ / "ca.pem")));
  EXPECT_THAT(content_of(request_.bundle_file), Not(HasSubstr(old)));
  EXPECT_EQ(ca_show(request_, to()), ca_done);
  EXPECT_THAT(err(), IsEmpty());
}

TEST_F(ca_commands, env_points_every_client_at_its_file_quoted_for_the_shell) {
  ASSERT_EQ(ca_bundle(request_, to(), now), ca_done);
  ASSERT_EQ(ca_env(request_, to()), ca_done) << err();
  const std::string directory = scratch_.path().string() + "/it'\\''s state/";
  for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE",
                           "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"}) {
    EXPECT_THAT(out(), HasSubstr("export " + std::string(name) + "='" + directory + "combined-ca.pem'\n"));
  }
  for (const char* name : {"NODE_EXTRA_CA_CERTS", "DENO_CERT"}) {
    EXPECT_THAT(out(), HasSubstr("export " + std::string(name) + "='" + directory + "ca.pem'\n"));
  }
}

TEST_F(ca_commands, env_fails_while_the_bundle_is_missing) {
  ASSERT_EQ(ca_bundle(request_, to(), now), ca_done);
  fs::remove(request_.bundle_file);
  EXPECT_EQ(ca_env(request_, to()), ca_failed);
  EXPECT_THAT(out(), IsEmpty());
}

TEST_F(ca_commands, a_bad_pattern_is_named) {
  request_.hosts = {"*"};
  EXPECT_EQ(ca_bundle(request_, to(), now), ca_failed);
  EXPECT_THAT(err(), HasSubstr("mitm.hosts: `*`"));
  EXPECT_EQ(ca_rotate(request_, to(), now), ca_failed);
}

}  // namespace
}  // namespace app
