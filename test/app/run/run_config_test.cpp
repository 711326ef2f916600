#include "app/run/run_config.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

namespace app::run {
namespace {

class run_config : public testing::Test {
 protected:
  run_config() {
    const auto name = "zg-run-config-" + std::to_string(::getpid());
    values_.state_dir = std::filesystem::temp_directory_path() / name;
    std::filesystem::create_directories(values_.state_dir);
    values_.mitm.bundle_file = values_.state_dir / "combined-ca.pem";
    forget_environment();
  }
  ~run_config() override {
    std::filesystem::remove_all(values_.state_dir);
    forget_environment();
  }

  static void forget_environment() {
    for (const char* name : {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "https_proxy", "ALL_PROXY",
                             "all_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"}) {
      ::unsetenv(name);
    }
  }

  config values_;
};

TEST_F(run_config, has_no_api_no_listener_and_no_language_server) {
  values_.language_server.mode = server_mode::discover;
  const auto made = values_for_run(values_);
  EXPECT_TRUE(made.api.listen.empty());
  EXPECT_TRUE(made.mitm.listen.empty());
  EXPECT_EQ(made.language_server.mode, server_mode::none);
  EXPECT_EQ(made.log.level, log_level::warn);
}

TEST_F(run_config, hosts_of_the_command_line_are_watched_beside_the_configured_ones) {
  values_.mitm.hosts = {"api.openai.com"};
  run_command asked;
  EXPECT_EQ(with_hosts_of(asked, values_)->mitm.hosts, values_.mitm.hosts);
  asked.hosts = {"a.test", "*.b.test"};
  EXPECT_EQ(with_hosts_of(asked, values_)->mitm.hosts,
            (std::vector<std::string>{"api.openai.com", "a.test", "*.b.test"}));
}

TEST_F(run_config, or_instead_of_them) {
  values_.mitm.hosts = {"api.openai.com"};
  run_command asked;
  asked.hosts = {"a.test"};
  asked.only_hosts = true;
  EXPECT_EQ(with_hosts_of(asked, values_)->mitm.hosts, std::vector<std::string>{"a.test"});
}

TEST_F(run_config, a_host_that_is_no_pattern_is_refused_with_its_option) {
  run_command asked;
  asked.hosts = {"*"};
  EXPECT_THAT(with_hosts_of(asked, values_).error().why, testing::StartsWith("--host *: "));
  asked.only_hosts = true;
  EXPECT_THAT(with_hosts_of(asked, values_).error().why, testing::StartsWith("--only-host *: "));
}

TEST_F(run_config, the_cas_of_the_users_environment_stay_trusted) {
  ::setenv("SSL_CERT_FILE", "/etc/passwd", 1);
  ::setenv("NODE_EXTRA_CA_CERTS", "/etc/group", 1);
  const auto made = values_for_run(values_);
  EXPECT_EQ(made.mitm.system_ca_file, "/etc/passwd");
  EXPECT_EQ(made.mitm.upstream_ca_file, "/etc/group");
}

TEST_F(run_config, a_run_within_a_run_does_not_take_our_bundle_for_the_systems) {
  std::ofstream(values_.mitm.bundle_file) << "x";
  ::setenv("SSL_CERT_FILE", values_.mitm.bundle_file.c_str(), 1);
  ::setenv("NODE_EXTRA_CA_CERTS", "/nonexistent", 1);
  const auto made = values_for_run(values_);
  EXPECT_TRUE(made.mitm.system_ca_file.empty());
  EXPECT_TRUE(made.mitm.upstream_ca_file.empty());
}

TEST_F(run_config, the_bundle_of_another_run_is_ours_as_well) {
  std::filesystem::create_directories(values_.state_dir / "runs/abc");
  const auto bundle = values_.state_dir / "runs/abc/combined-ca.pem";
  std::ofstream(bundle) << "x";
  ::setenv("SSL_CERT_FILE", bundle.c_str(), 1);
  EXPECT_TRUE(values_for_run(values_).mitm.system_ca_file.empty());
}

TEST_F(run_config, origins_are_reached_through_the_proxy_of_the_environment) {
  ::setenv("ALL_PROXY", "http://all.example:1", 1);
  EXPECT_EQ(values_for_run(values_).mitm.upstream_proxy, "http://all.example:1");
  ::setenv("HTTPS_PROXY", "http://user:secret@https.example:2", 1);
  EXPECT_EQ(values_for_run(values_).mitm.upstream_proxy, "http://user:secret@https.example:2");
  EXPECT_EQ(unseen_proxy(), "");
  values_.mitm.upstream_proxy = "http://configured.example:3";
  EXPECT_EQ(values_for_run(values_).mitm.upstream_proxy, "http://configured.example:3");
}

TEST_F(run_config, a_proxy_that_cannot_be_looked_through_is_named_by_its_variable_alone) {
  ::setenv("https_proxy", "socks5://user:secret@socks.example:1080", 1);
  EXPECT_TRUE(values_for_run(values_).mitm.upstream_proxy.empty());
  EXPECT_THAT(unseen_proxy(), testing::HasSubstr("https_proxy"));
  EXPECT_THAT(unseen_proxy(), testing::Not(testing::HasSubstr("secret")));
}

TEST_F(run_config, knows_the_ports_of_all_proxies) {
  ::setenv("HTTPS_PROXY", "http://one.example:3128", 1);
  ::setenv("HTTP_PROXY", "http://one.example:3128", 1);
  ::setenv("ALL_PROXY", "two.example:8080", 1);
  EXPECT_THAT(ports_of_proxies(), testing::UnorderedElementsAre(3128, 8080));
}

TEST_F(run_config, behind_our_proxy_a_no_proxy_without_watched_hosts_stays) {
  values_.mitm.hosts = {"api.openai.com", "*.googleapis.com"};
  EXPECT_THAT(variables_behind_proxy(values_), testing::IsEmpty());
  ::setenv("NO_PROXY", "localhost, 127.0.0.1,10.0.0.0/8 .example.com", 1);
  EXPECT_THAT(variables_behind_proxy(values_), testing::IsEmpty());
}

TEST_F(run_config, behind_our_proxy_watched_hosts_are_taken_out_of_no_proxy) {
  values_.mitm.hosts = {"api.openai.com", "*.googleapis.com"};
  for (const char* entry :
       {"api.openai.com", ".openai.com", "*.openai.com", "OpenAI.com", "com", "a.googleapis.com", "googleapis.com"}) {
    ::setenv("NO_PROXY", (std::string("localhost,") + entry + ",10.0.0.0/8").c_str(), 1);
    EXPECT_THAT(variables_behind_proxy(values_),
                testing::ElementsAre(command_variable{"NO_PROXY", "localhost,10.0.0.0/8"}))
        << entry;
  }
}

TEST_F(run_config, who_wants_no_proxy_at_all_has_none_but_ours) {
  ::setenv("no_proxy", "*", 1);
  EXPECT_THAT(variables_behind_proxy(values_),
              testing::IsSupersetOf({command_variable{"no_proxy", ""}, command_variable{"HTTP_PROXY", ""}}));
}

}  // namespace
}  // namespace app::run
