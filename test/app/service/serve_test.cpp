#include "app/service/serve.hpp"

#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/mitm/ca/fixtures.hpp"
#include "test/support/until.hpp"

namespace app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A service is a process of its own.
class served : public testing::Test {
 protected:
  served() { configure(R"(["api.openai.com"])"); }
  ~served() override {
    close_output();
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
  }

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  // It loses what happened before what in a process that was forked and then starts threads.
  void SetUp() override { GTEST_SKIP() << "not under ThreadSanitizer"; }
#endif
#endif

  void configure(const std::string& hosts) {
    std::ofstream(scratch_ / "config.toml") << "state_dir = \"" << state().string() << "\"\n"
                                            << "threads = 1\n"
                                            << "[api]\nlisten = [\"127.0.0.1:0\"]\n"
                                            << "[mitm]\nlisten = [\"127.0.0.1:0\"]\nhosts = " << hosts << "\n";
  }

  void start(bool readable = true) {
    int output[2];
    ASSERT_EQ(::pipe2(output, O_CLOEXEC), 0);
    child_ = ::fork();
    if (child_ == 0) {
      const int errors = ::open((scratch_ / "errors").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(output[1], STDOUT_FILENO);
      ::dup2(errors, STDERR_FILENO);
      ::close(output[0]);
      ::close(output[1]);
      ::_exit(static_cast<int>(serve({scratch_ / "config.toml", {{"HOME", scratch_.path().native()}}, {}, false})));
    }
    ::close(output[1]);
    output_ = output[0];
    if (!readable) close_output();
  }

  std::string ready_line() {
    pollfd ready{output_, POLLIN, 0};
    if (::poll(&ready, 1, 30'000) != 1) return "nothing";
    std::string line(4096, '\0');
    const auto got = ::read(output_, line.data(), line.size());
    line.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return line;
  }

  int status() {
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string errors() const { return mitm::test::content_of(scratch_ / "errors"); }
  void await_error(const std::string& words) {
    test::until([&] { return errors().find(words) != std::string::npos; });
  }

  std::filesystem::path state() const { return scratch_ / "state"; }
  void close_output() {
    if (output_ >= 0) ::close(std::exchange(output_, -1));
  }

  mitm::test::scratch_directory scratch_;
  pid_t child_ = -1;
  int output_ = -1;
};

TEST_F(served, says_that_it_is_ready_and_ends_well_when_it_is_asked_to) {
  for (const int number : {SIGTERM, SIGINT}) {
    start();
    EXPECT_THAT(ready_line(), StartsWith("ready api=http://127.0.0.1:"));
    ::kill(child_, number);
    EXPECT_EQ(status(), static_cast<int>(exit_code::ok)) << errors();
    close_output();
  }
}

TEST_F(served, a_wrong_configuration_is_told_line_by_line_and_nothing_is_made) {
  std::ofstream(scratch_ / "config.toml", std::ios::app) << "nonsense = 1\n[log]\nlevel = \"loud\"\n";
  start();
  EXPECT_EQ(status(), static_cast<int>(exit_code::bad_config));
  EXPECT_THAT(errors(), HasSubstr("nonsense"));
  EXPECT_THAT(errors(), HasSubstr("log.level"));
  EXPECT_FALSE(std::filesystem::exists(state()));
}

TEST_F(served, a_start_that_is_refused_ends_with_its_reason_and_no_ready_line) {
  std::ofstream(state()) << "a file";
  start();
  EXPECT_EQ(ready_line(), "");
  EXPECT_EQ(status(), static_cast<int>(exit_code::bad_state));
  EXPECT_THAT(errors(), HasSubstr("zerogravity: cannot use the state directory"));
}

TEST_F(served, reads_its_configuration_again_when_it_is_told_to_and_keeps_the_old_one_if_that_is_wrong) {
  start();
  ready_line();
  configure(R"(["*"])");
  ::kill(child_, SIGHUP);
  await_error("reload refused, nothing has changed");
  configure(R"(["api.openai.com", "api.anthropic.com"])");
  ::kill(child_, SIGHUP);
  await_error("reloaded: hosts");
  ::kill(child_, SIGTERM);
  EXPECT_EQ(status(), static_cast<int>(exit_code::ok));
}

TEST_F(served, goes_on_where_nobody_reads_its_ready_line) {
  start(false);
  await_error("nobody reads standard output");
  ::kill(child_, SIGTERM);
  EXPECT_EQ(status(), static_cast<int>(exit_code::ok));
}

}  // namespace
}  // namespace app
