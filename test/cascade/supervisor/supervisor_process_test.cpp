// The supervisor with what makes a server a process: its parent pipe, its user, the end of ours, and one found in
// /proc.

#include "cascade/supervisor/supervisor.hpp"

#include <csignal>
#include <cstdlib>

#include <sys/stat.h>

#include "cascade/process/process.hpp"
#include "cascade/supervisor/supervisor_command.hpp"
#include "test/cascade/supervisor/supervisor_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace cascade;
using namespace cascade_test;
using testing::ElementsAre;

// Connects to the parent pipe and ends with it; deaf to every signal that can be ignored.
launch_server pipe_server() {
  launch_server wanted;
  wanted.command = {
      "/usr/bin/python3", "-c",
      "import os,signal,socket,sys\n"
      "for s in (signal.SIGTERM,signal.SIGHUP,signal.SIGINT,signal.SIGPIPE): signal.signal(s,signal.SIG_IGN)\n"
      "p=socket.socket(socket.AF_UNIX)\np.connect(sys.argv[1])\n"
      "print('process',os.getpid(),os.getuid(),flush=True)\n"
      "print('Language server listening on random port at 7 for HTTPS',flush=True)\n"
      "p.recv(1)\n",
      "{parent_pipe}"};
  return wanted;
}

TEST_F(supervisor_test, a_server_deaf_to_sigterm_ends_with_its_parent_pipe) {
  options_.limits.terminate = patience * 2;  // SIGKILL would come too late for this test
  start(pipe_server());
  ASSERT_TRUE(ready());
  const auto pid = supervisor_->state().pid;
  runner_.run(supervisor_->stop());
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(supervisor_test, the_parent_pipe_is_removed_with_its_server) {
  auto wanted = pipe_server();
  wanted.pipe_dir = folder_ / "pipes";
  std::filesystem::create_directory(wanted.pipe_dir);
  start(wanted);
  ASSERT_TRUE(ready());
  ASSERT_FALSE(std::filesystem::is_empty(wanted.pipe_dir));
  struct stat seen{};
  ASSERT_EQ(::stat(std::filesystem::directory_iterator(wanted.pipe_dir)->path().c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0600u);
  runner_.run(supervisor_->stop());
  EXPECT_TRUE(std::filesystem::is_empty(wanted.pipe_dir));
}

TEST_F(supervisor_test, runs_as_another_user_with_a_home_of_his_own_when_we_are_root) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  auto wanted = pipe_server();
  wanted.user = find_user("nobody").value();
  wanted.home = folder_ / "home";
  start(wanted);
  ASSERT_TRUE(ready());
  const auto uid = std::to_string(wanted.user->uid);
  const auto pid = std::to_string(supervisor_->state().pid);
  EXPECT_TRUE(logged("process " + pid + " " + uid));
  struct stat seen{};
  ASSERT_EQ(::stat(wanted.home.c_str(), &seen), 0);
  EXPECT_EQ(seen.st_uid, wanted.user->uid);
  EXPECT_EQ(seen.st_mode & 0777, 0700u);
}

// The test program once more, as a service that will be killed.
TEST_F(supervisor_test, DISABLED_killed_service) {
  const char* kind = std::getenv("ZEROGRAVITY_TEST_SERVER");
  ASSERT_NE(kind, nullptr);
  const bool deaf = std::string_view(kind) == "deaf";
  auto deaf_server = pipe_server();
  deaf_server.pipe_dir = folder_;
  start(deaf ? deaf_server : shell_server("echo process $$; " + says_port(7) + "exec sleep 100000"));
  ASSERT_TRUE(logged("process "));
  for (const auto& line : lines_.all()) std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  for (;;) ::pause();
}

asio::awaitable<pid_t> server_of_a_killed_service(const char* kind) {
  process_spec spec;
  spec.command = {"/proc/self/exe", "--gtest_also_run_disabled_tests",
                  "--gtest_filter=supervisor_test.DISABLED_killed_service"};
  spec.environment = {std::string("ZEROGRAVITY_TEST_SERVER=") + kind, "PATH=/usr/bin:/bin"};
  auto service = co_await process::launch(co_await asio::this_coro::executor, std::move(spec));
  if (!service) throw std::runtime_error(service.error().step);
  pid_t server = 0;
  co_await (*service)->read_lines(process::output::out, 1000, [&](std::string_view line) {
    if (!line.starts_with("process ")) return;
    server = std::atoi(line.data() + 8);
    ::kill((*service)->id(), SIGKILL);  // it alone, not its group
  });
  co_await (*service)->exited();
  // It had no time to tidy up.
  const auto name = "zerogravity-supervisor-" + std::to_string((*service)->id()) + "-DISABLED_killed_service";
  if (std::filesystem::remove_all(std::filesystem::temp_directory_path() / name) == 0) throw std::runtime_error(name);
  co_return server;
}

TEST(supervisor_death, a_server_ends_when_we_are_killed) {
  strand_runner runner;
  const auto server = runner.run(server_of_a_killed_service("plain"));
  ASSERT_GT(server, 0);
  EXPECT_TRUE(runner.run(process_gone(server)));
}

TEST(supervisor_death, so_does_one_that_heeds_no_signal_but_its_parent_pipe) {
  strand_runner runner;
  const auto server = runner.run(server_of_a_killed_service("deaf"));
  ASSERT_GT(server, 0);
  EXPECT_TRUE(runner.run(process_gone(server)));
}

// A program of the right name, which listens.
launch_server discoverable(const std::string& program) {
  launch_server wanted;
  wanted.command = {program,
                    "-c",
                    "import socket,time\na=socket.create_server(('127.0.0.1',0))\n"
                    "print('Language server listening on random port at %d for HTTPS'%a.getsockname()[1],flush=True)\n"
                    "time.sleep(100000)",
                    "--csrf_token",
                    "its-token",
                    "--app_data_dir=antigravity"};
  return wanted;
}

class discovered_server : public supervisor_test {
 protected:
  discovered_server() {
    std::filesystem::create_symlink("/usr/bin/python3", path("language_server_linux_x64"));
    other_options_.state_dir = folder_;
    other_options_.server = discoverable(path("language_server_linux_x64"));
    other_ = std::make_unique<supervisor>(runner_.pool().strand(), other_options_, hooks());
    other_->start();
    target_ = runner_.run(other_->ready(net::after(patience))).value().address.target;
    // Whatever else runs on this machine does not answer.
    answers_ = [this](const server_address& address) { return address.target == target_; };
  }
  ~discovered_server() override { runner_.run(other_->stop()); }

  supervisor_options other_options_;
  std::unique_ptr<supervisor> other_;
  std::string target_;
};

TEST_F(discovered_server, is_attached_to_with_the_token_of_its_command_line) {
  start(discover_server{});
  const auto server = ready().value();
  EXPECT_EQ(server.address.csrf_token, "its-token");
  EXPECT_EQ(server.address.target, target_);
  EXPECT_EQ(supervisor_->state().pid, other_->state().pid);
}

TEST_F(discovered_server, is_lost_when_its_process_ends_though_it_is_no_child_of_ours) {
  options_.restart = {.first = 1h, .longest = 1h, .shortest = 1h, .stable = 2h};
  start(discover_server{});
  const auto server = ready().value();
  runner_.run(other_->stop());
  EXPECT_TRUE(noted("has ended"));
  EXPECT_TRUE(server.lost.stop_requested());
}

TEST_F(discovered_server, of_another_user_is_not_trusted) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  start(discover_server{{}, find_user("nobody").value()});
  EXPECT_TRUE(noted("no language server of user"));
}

TEST(usual_places, are_those_of_the_packages_and_of_the_remote_editor) {
  const auto root = std::filesystem::temp_directory_path() / ("zerogravity-places-" + std::to_string(::getpid()));
  const auto remote = root / "home/.antigravity-ide-server/bin";
  const auto add = [](const std::filesystem::path& file) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << "";
    return file;
  };
  EXPECT_EQ(find_language_server(root, root / "home"), std::nullopt);
  add(remote / "1.20.5/extensions/antigravity/bin/language_server");
  const auto newer = add(remote / "1.22.2/extensions/antigravity/bin/language_server");
  EXPECT_EQ(find_language_server(root, root / "home"), newer);
  const auto package = add(root / "opt/Antigravity/resources/bin/language_server");
  EXPECT_EQ(find_language_server(root, root / "home"), package);
  std::filesystem::remove_all(root);
}

TEST(command_template, replaces_every_placeholder_and_names_an_unknown_one) {
  const placeholder_values values{{"a", "1"}, {"b_c", "{a}"}};
  const auto expanded = expand({"x{a}{a}", "{b_c}", "{\"A\": 1}", "{", "{}", "{A}"}, values);
  ASSERT_TRUE(expanded.has_value());
  EXPECT_THAT(*expanded, ElementsAre("x11", "{a}", "{\"A\": 1}", "{", "{}", "{A}"));
  EXPECT_EQ(expand({"{a}", "{other}"}, values).error(), "other");
}

TEST(command_template, the_usual_ones_need_nothing_but_what_the_supervisor_gives) {
  const placeholder_values values{
      {"language_server", ""}, {"csrf_token", ""}, {"cloud_code_endpoint", ""}, {"parent_pipe", ""}};
  for (const auto& form : usual_commands()) EXPECT_TRUE(expand(form, values).has_value());
}

}  // namespace
