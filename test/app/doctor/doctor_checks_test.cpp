#include "app/doctor/doctor_checks.hpp"

#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "mitm/ca/certificate_authority.hpp"
#include "test/mitm/ca/fixtures.hpp"

namespace app {
namespace {

using enum finding::state_of;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class doctor_checks : public testing::Test {
 protected:
  static constexpr const char* variables[] = {
      "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
      "HTTPS_PROXY",   "https_proxy",         "ALL_PROXY",          "all_proxy"};

  doctor_checks() {
    forget_environment();
    values_.state_dir = scratch_.path();
    values_.mitm.bundle_file = scratch_ / "bundle.pem";
    values_.mitm.hosts = {"api.openai.com"};
    values_.mitm.providers.clear();
    values_.ledger.file = scratch_ / "usage.db";
  }
  ~doctor_checks() override { forget_environment(); }

  static void forget_environment() {
    for (const auto* name : variables) ::unsetenv(name);
  }

  /// A CA for these hosts, and the bundle.
  std::string make_ca(std::vector<std::string> hosts) {
    const auto made = mitm::certificate_authority::open_or_create(mitm::ca_files::in(scratch_.path()), hosts,
                                                                  std::chrono::system_clock::now());
    EXPECT_TRUE(made.has_value());
    const auto pem = made->certificate().pem();
    mitm::test::write(values_.mitm.bundle_file, "others\n" + pem);
    return pem;
  }

  finding of(const std::string& topic, bool service_answers = false) const {
    for (const auto& each : look_at_ca(values_, service_answers)) {
      if (each.topic == topic) return each;
    }
    return {"", absent, "not there", ""};
  }

  mitm::test::scratch_directory scratch_;
  config values_;
};

TEST_F(doctor_checks, a_ca_that_is_not_made_yet_is_no_fault) {
  const auto all = look_at_ca(values_, true);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].state, absent);
  EXPECT_THAT(all[0].detail, HasSubstr("the first start makes it"));
}

TEST_F(doctor_checks, a_ca_for_the_configured_hosts_works_and_so_does_the_bundle_that_holds_it) {
  make_ca({"api.openai.com"});
  EXPECT_EQ(of("ca").state, works);
  EXPECT_THAT(of("ca").detail, HasSubstr("days left"));
  EXPECT_EQ(of("bundle").state, works);
}

TEST_F(doctor_checks, a_ca_that_cannot_be_read_is_broken) {
  mitm::test::write(mitm::ca_files::in(scratch_.path()).certificate, "nothing of the kind");
  EXPECT_EQ(of("ca").state, broken);
  EXPECT_EQ(of("ca").next, "zerogravity ca rotate");
}

TEST_F(doctor_checks, a_ca_that_is_too_narrow_for_the_configured_hosts_is_broken_and_the_host_is_named) {
  make_ca({"api.openai.com"});
  values_.mitm.hosts.emplace_back("api.elsewhere.example");
  EXPECT_EQ(of("ca").state, broken);
  EXPECT_THAT(of("ca").detail, HasSubstr("api.elsewhere.example"));
  values_.mitm.hosts = {"*"};
  EXPECT_EQ(of("ca").state, broken);
  EXPECT_EQ(of("ca").next, "zerogravity check-config");
}

TEST_F(doctor_checks, a_ca_that_lacks_only_what_is_watched_by_default_serves_on) {
  make_ca({"api.openai.com"});
  values_.mitm.providers = config{}.mitm.providers;
  EXPECT_EQ(of("ca").state, absent);
  EXPECT_THAT(of("ca").detail, HasSubstr("more hosts, whose connections are therefore not intercepted"));
  EXPECT_EQ(of("ca").next, "zerogravity ca rotate");
}

TEST_F(doctor_checks, a_bundle_without_the_ca_is_broken_and_one_that_is_not_made_yet_is_not) {
  make_ca({"api.openai.com"});
  mitm::test::write(values_.mitm.bundle_file, "others alone");
  EXPECT_EQ(of("bundle").state, broken);
  std::filesystem::remove(values_.mitm.bundle_file);
  EXPECT_EQ(of("bundle").state, absent);
}

TEST_F(doctor_checks, for_a_service_the_variables_of_this_environment_are_looked_at) {
  make_ca({"api.openai.com"});
  EXPECT_EQ(of("trust of Node").detail, "not there") << "run sets them itself";
  EXPECT_THAT(of("trust of Node", true).detail, HasSubstr("NODE_EXTRA_CA_CERTS is not set here"));
  ::setenv("NODE_EXTRA_CA_CERTS", values_.mitm.bundle_file.c_str(), 1);
  EXPECT_EQ(of("trust of Node", true).state, works);
  mitm::test::write(scratch_ / "foreign.pem", "others alone");
  ::setenv("NODE_EXTRA_CA_CERTS", (scratch_ / "foreign.pem").c_str(), 1);
  EXPECT_EQ(of("trust of Node", true).state, absent);
  EXPECT_THAT(of("trust of Node", true).detail, HasSubstr("does not hold the CA"));
}

TEST_F(doctor_checks, a_port_is_free_or_taken_or_the_services) {
  boost::asio::io_context io;
  using boost::asio::ip::tcp;
  const tcp::endpoint any(boost::asio::ip::address_v4::loopback(), 0);
  tcp::acceptor taken(io, any);
  const auto free = tcp::acceptor(io, any).local_endpoint();
  values_.api.listen.tcp = {free};
  values_.mitm.listen = {taken.local_endpoint()};
  const auto without = look_at_ports(values_, false);
  ASSERT_EQ(without.size(), 2u);
  EXPECT_EQ(without[0].state, works);
  EXPECT_THAT(without[0].detail, HasSubstr("is free"));
  EXPECT_EQ(without[1].state, absent);
  EXPECT_THAT(without[1].next, HasSubstr("sport = :" + std::to_string(taken.local_endpoint().port())));
  EXPECT_THAT(look_at_ports(values_, true)[1].detail, HasSubstr("as it should be"));
}

TEST_F(doctor_checks, the_disk_of_a_ledger_that_is_not_made_yet_is_that_of_the_folder_above) {
  values_.ledger.file = scratch_ / "not" / "made" / "usage.db";
  const auto found = look_at_disk(values_);
  EXPECT_EQ(found.state, works);
  EXPECT_THAT(found.detail, HasSubstr("MiB left in " + scratch_.path().string()));
}

TEST_F(doctor_checks, a_folder_that_may_not_be_written_is_broken) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  values_.ledger.file = "/usage.db";
  EXPECT_EQ(look_at_disk(values_).state, broken);
}

TEST_F(doctor_checks, a_proxy_for_origins_is_told_without_its_password_and_by_whom_it_is_named) {
  EXPECT_THAT(look_at_upstream_proxy(values_), IsEmpty());
  ::setenv("HTTPS_PROXY", "http://user:secret@127.0.0.1:3128", 1);
  auto found = look_at_upstream_proxy(values_);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].state, works);
  EXPECT_THAT(found[0].detail, AllOf(HasSubstr("127.0.0.1:3128"), HasSubstr("environment"), Not(HasSubstr("secret"))));
  values_.mitm.upstream_proxy = "http://127.0.0.1:3129";
  found = look_at_upstream_proxy(values_);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].detail, AllOf(HasSubstr("127.0.0.1:3129"), HasSubstr("mitm.upstream_proxy")));
}

TEST_F(doctor_checks, the_clock_of_a_machine_that_runs_tests_is_right) {
  EXPECT_EQ(look_at_clock().state, works);
}

TEST_F(doctor_checks, whether_a_command_may_have_a_network_is_tried_and_there_is_another_way) {
  const auto all = look_at_namespaces();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].topic, "kernel");
  EXPECT_NE(all[0].detail, "");
  EXPECT_EQ(all[1].topic, "scope run");
  EXPECT_NE(all[1].state, broken) << "run has its proxy";
  if (all[1].state == absent) {
    EXPECT_NE(all[1].next, "");
  }
}

}  // namespace
}  // namespace app
