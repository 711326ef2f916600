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
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("NODE_EXTRA_CA_CERTS");
  }
  ~run_config() override {
    std::filesystem::remove_all(values_.state_dir);
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("NODE_EXTRA_CA_CERTS");
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

}  // namespace
}  // namespace app::run
