#include "app/run/run.hpp"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/json/parse.hpp>

#include "test/mitm/ca/fixtures.hpp"

namespace app {
namespace {

using testing::HasSubstr;
using testing::Not;

class run_watched_test : public testing::Test {
 protected:
  run_watched_test() {
    ::unsetenv("HTTPS_PROXY");
    values_.state_dir = scratch_ / "state";
    values_.mitm.bundle_file = values_.state_dir / "bundle.pem";
    values_.ledger.file = values_.state_dir / "usage.db";
    asked_.way = run_command::way_of::proxy;
    asked_.json = scratch_ / "report.json";
  }

  /// What a shell would see: the status. Its standard error goes into a file.
  int run(std::vector<std::string> words) {
    asked_.words = std::move(words);
    const pid_t child = ::fork();
    if (child == 0) {
      const int file = ::open((scratch_ / "errors").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(file, STDERR_FILENO);
      ::_exit(static_cast<int>(run_watched(asked_, values_)));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  int run_shell(std::string script) { return run({"/bin/sh", "-c", std::move(script)}); }

  std::string errors() const { return mitm::test::content_of(scratch_ / "errors"); }

  mitm::test::scratch_directory scratch_;
  config values_;
  run_command asked_;
};

TEST_F(run_watched_test, a_command_behind_the_proxy_ends_with_its_status_and_leaves_a_report) {
  EXPECT_EQ(run_shell("echo \"$HTTPS_PROXY\" > " + (scratch_ / "proxy").string() + "; exit 5"), 5);
  EXPECT_THAT(mitm::test::content_of(scratch_ / "proxy"), HasSubstr("@127.0.0.1:"));
  const auto report = boost::json::parse(mitm::test::content_of(asked_.json));
  EXPECT_EQ(report.at("interception").at("exchanges_seen").to_number<int>(), 0);
  EXPECT_NE(errors(), "") << "the report for people";
}

TEST_F(run_watched_test, its_ca_is_in_no_file_when_it_has_ended) {
  EXPECT_EQ(run_shell("cp \"$NODE_EXTRA_CA_CERTS\" " + (scratch_ / "ca.pem").string()), 0);
  const auto ca = mitm::test::content_of(scratch_ / "ca.pem");
  EXPECT_THAT(ca, HasSubstr("BEGIN CERTIFICATE"));
  for (const auto& each : std::filesystem::recursive_directory_iterator(values_.state_dir)) {
    if (each.is_regular_file()) EXPECT_THAT(mitm::test::content_of(each.path()), Not(HasSubstr(ca))) << each.path();
  }
}

TEST_F(run_watched_test, a_host_that_is_no_pattern_is_refused_before_the_command_begins) {
  asked_.hosts = {"*"};
  const auto begun = scratch_ / "begun";
  EXPECT_EQ(run_shell("touch " + begun.string()), static_cast<int>(exit_code::bad_config));
  EXPECT_FALSE(std::filesystem::exists(begun));
  EXPECT_THAT(errors(), HasSubstr("--host *: "));
}

TEST_F(run_watched_test, a_quiet_run_says_nothing_where_nothing_is_wrong) {
  asked_.quiet = true;
  EXPECT_EQ(run_shell("exit 0"), 0);
  EXPECT_EQ(errors(), "");
}

TEST_F(run_watched_test, a_command_that_a_signal_has_killed_is_told_as_shells_do) {
  EXPECT_EQ(run_shell("kill -KILL $$"), 128 + SIGKILL);
}

TEST_F(run_watched_test, a_program_that_is_nowhere_is_not_found) {
  EXPECT_EQ(run({"zg-no-such-program"}), static_cast<int>(exit_code::not_found));
  EXPECT_THAT(errors(), HasSubstr("zg-no-such-program"));
}

TEST_F(run_watched_test, a_report_that_cannot_be_written_is_said_before_the_command_begins) {
  asked_.json = scratch_ / "no folder" / "report.json";
  const auto begun = scratch_ / "begun";
  EXPECT_EQ(run_shell("touch " + begun.string()), static_cast<int>(exit_code::not_started));
  EXPECT_FALSE(std::filesystem::exists(begun));
  EXPECT_THAT(errors(), HasSubstr("cannot write"));
}

TEST_F(run_watched_test, a_state_directory_that_cannot_be_used_is_said_and_the_command_does_not_begin) {
  std::ofstream(values_.state_dir) << "a file";
  const auto begun = scratch_ / "begun";
  EXPECT_EQ(run_shell("touch " + begun.string()), static_cast<int>(exit_code::bad_state));
  EXPECT_FALSE(std::filesystem::exists(begun));
}

TEST_F(run_watched_test, by_itself_it_takes_the_network_where_it_may_have_one_and_else_the_proxy) {
  asked_.way = run_command::way_of::automatic;
  EXPECT_EQ(run_shell("exit 6"), 6);
  EXPECT_TRUE(std::filesystem::exists(asked_.json));
}

}  // namespace
}  // namespace app
