#include "app/run/command_process.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/support/tls_origin.hpp"

namespace app::run {
namespace {

using testing::HasSubstr;

class command_process : public testing::Test {
 protected:
  /// Starts a command of the shell behind a proxy, up to its first report.
  void start(std::string script) {
    plan_.mode = run_mode::proxy;
    start_words({"/bin/sh", "-c", std::move(script)});
  }
  void start_words(std::vector<std::string> words) {
    plan_.words = std::move(words);
    sigemptyset(&plan_.signals);
    ends_ = channel::make();
    ASSERT_TRUE(ends_);
    child_ = start_command(plan_, ends_->second, ends_->first);
    ASSERT_GT(child_, 0);
    ends_->second.close();
    report_ = ends_->first.receive<setup_report>(&handed_over_);
  }

  /// Lets it begin; its shell status.
  int begin() {
    begin_order order;
    write(folder_.path() / "bundle.pem", order.bundle);
    write(folder_.path() / "ca.pem", order.certificate);
    write("http://run:secret@127.0.0.1:7", order.proxy_url);
    EXPECT_TRUE(ends_->first.send(order));
    return status();
  }
  int status() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string out() const { return folder_.path() / "out"; }
  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(out()).rdbuf();
    return text.str();
  }

  template <std::size_t N>
  static void write(const std::string& text, std::array<char, N>& into) {
    text.copy(into.data(), N - 1);
  }

  test::temp_dir folder_;
  command_plan plan_;
  std::optional<std::pair<channel, channel>> ends_;
  std::vector<net::descriptor> handed_over_;
  std::optional<setup_report> report_;
  pid_t child_ = -1;
};

TEST_F(command_process, waits_for_the_order_and_then_is_the_command) {
  start("echo begun > " + out() + "; exit 9");
  ASSERT_TRUE(report_);
  EXPECT_EQ(report_->failed_to[0], '\0');
  EXPECT_FALSE(std::filesystem::exists(out()));
  EXPECT_EQ(begin(), 9);
  EXPECT_EQ(content(), "begun\n");
}

TEST_F(command_process, behind_a_proxy_it_has_the_variables_that_lead_there_and_make_it_trusted) {
  ::setenv("no_proxy", "*", 1);
  plan_.behind_proxy = {{"NO_PROXY", "localhost"}, {"no_proxy", ""}};
  start("echo \"$HTTPS_PROXY $https_proxy $SSL_CERT_FILE $NODE_EXTRA_CA_CERTS $NO_PROXY ${no_proxy-none}\" > " + out());
  ::unsetenv("no_proxy");
  EXPECT_EQ(begin(), 0);
  const auto folder = folder_.path().string();
  EXPECT_EQ(content(), "http://run:secret@127.0.0.1:7 http://run:secret@127.0.0.1:7 " + folder + "/bundle.pem " +
                           folder + "/ca.pem localhost none\n");
}

TEST_F(command_process, gives_up_when_nobody_gives_the_order) {
  start("echo begun > " + out());
  ends_->first.close();
  EXPECT_NE(status(), 0);
  EXPECT_FALSE(std::filesystem::exists(out()));
}

TEST_F(command_process, a_command_that_cannot_be_started_says_why) {
  plan_.mode = run_mode::proxy;
  start_words({"zg-no-such-program"});
  EXPECT_EQ(begin(), 127);
  ASSERT_TRUE(ends_->first.receive<connections_notice>(&handed_over_));
  const auto failure = ends_->first.receive<exec_failure>();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->step, exec_step::exec);
  EXPECT_EQ(failure->error, ENOENT);
}

TEST_F(command_process, that_begins_closes_its_end_of_the_channel) {
  start("exit 0");
  EXPECT_EQ(begin(), 0);
  ASSERT_TRUE(ends_->first.receive<connections_notice>(&handed_over_));
  EXPECT_FALSE(ends_->first.receive<exec_failure>());
}

TEST_F(command_process, in_a_network_of_its_own_hands_out_what_listens_there) {
  start_words({"/bin/sh", "-c", "exit 4"});
  ASSERT_TRUE(report_);
  if (report_->failed_to[0] != '\0') {
    ends_->first.close();
    status();
    GTEST_SKIP() << "no network of its own here: cannot " << report_->failed_to.data();
  }
  EXPECT_GT(report_->listeners, 0);
  EXPECT_GT(handed_over_.size(), report_->listeners + 1u) << "resolvers and the netlink socket, too";
  for (const auto& each : handed_over_) EXPECT_TRUE(each.valid());
  std::ofstream(folder_.path() / "bundle.pem") << "a bundle";
  EXPECT_EQ(begin(), 4);
}

TEST_F(command_process, in_a_network_of_its_own_has_the_bundle_in_place_of_the_systems) {
  const std::string system = "/etc/ssl/certs/ca-certificates.crt";
  if (!std::filesystem::exists(system)) GTEST_SKIP() << "no " << system;
  start_words({"/bin/sh", "-c", "cat " + system + " > " + out()});
  ASSERT_TRUE(report_);
  if (report_->failed_to[0] != '\0') {
    ends_->first.close();
    status();
    GTEST_SKIP() << "no network of its own here: cannot " << report_->failed_to.data();
  }
  std::ofstream(folder_.path() / "bundle.pem") << "a bundle";
  EXPECT_EQ(begin(), 0);
  EXPECT_EQ(content(), "a bundle");
  EXPECT_GT(std::filesystem::file_size(system), 100u) << "outside it is as it was";
}

}  // namespace
}  // namespace app::run
