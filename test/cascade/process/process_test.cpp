#include "cascade/process/process.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "cascade/process/process_command.hpp"
#include "cascade/process/process_lines.hpp"
#include "cascade/supervisor/supervisor_condition.hpp"
#include "net/by.hpp"
#include "net/descriptor_limit.hpp"
#include "test/cascade/strand_runner.hpp"

namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using namespace cascade;
using cascade_test::strand_runner;
using testing::ElementsAre;
using testing::HasSubstr;

using lines = std::vector<std::string>;

struct outcome {
  lines out;
  lines error;
  process_exit exit;
  std::string failure;
};

process_spec shell(std::string script) {
  return {{"sh", "-c", std::move(script)}, {"GREETING=hello"}, {}, {}};
}

asio::awaitable<void> collect(process& child, process::output stream, std::size_t longest, lines& into) {
  co_await child.read_lines(stream, longest, [&into](std::string_view line) { into.emplace_back(line); });
}

asio::awaitable<outcome> run_through(process_spec spec, std::string input, std::size_t longest) {
  outcome seen;
  auto child = co_await process::launch(co_await asio::this_coro::executor, std::move(spec));
  if (!child) {
    seen.failure = child.error().step + ": " + child.error().code.message();
    co_return seen;
  }
  auto& running = **child;
  const auto [fed, exit] = co_await (collect(running, process::output::out, longest, seen.out) &&
                                     collect(running, process::output::error, longest, seen.error) &&
                                     running.feed(std::move(input)) && running.exited());
  seen.exit = exit.value();
  co_return seen;
}

outcome run(process_spec spec, std::string input = {}, std::size_t longest = 1000) {
  strand_runner runner;
  return runner.run(run_through(std::move(spec), std::move(input), longest));
}

TEST(process, gives_both_outputs_line_by_line_and_the_exit_code) {
  const auto seen = run(shell("echo one; echo two >&2; printf three; exit 7"));
  EXPECT_THAT(seen.out, ElementsAre("one", "three"));
  EXPECT_THAT(seen.error, ElementsAre("two"));
  EXPECT_FALSE(seen.exit.by_signal);
  EXPECT_EQ(seen.exit.number, 7);
}

TEST(process, tells_the_signal_that_ended_it) {
  const auto seen = run(shell("kill -9 $$"));
  EXPECT_TRUE(seen.exit.by_signal);
  EXPECT_EQ(to_string(seen.exit), "was ended by signal 9");
}

TEST(process, standard_input_is_what_was_given_and_then_ends) {
  std::string input(200'000, 'x');
  input[0] = '\0';
  EXPECT_THAT(run(shell("wc -c"), input).out, ElementsAre("200000"));
  EXPECT_THAT(run(shell("wc -c"), "").out, ElementsAre("0"));
}

TEST(process, a_program_that_does_not_read_its_input_is_no_failure) {
  EXPECT_EQ(run(shell("exec <&-; exit 3"), std::string(1 << 20, 'x')).exit.number, 3);
}

TEST(process, has_the_given_environment_and_nothing_else) {
  const auto seen = run({{"env"}, {"A=1", "B=x y"}, {}, {}});
  EXPECT_THAT(seen.out, ElementsAre("A=1", "B=x y"));
}

TEST(process, starts_in_the_given_directory) {
  EXPECT_THAT(run({{"pwd"}, {}, "/usr", {}}).out, ElementsAre("/usr"));
}

TEST(process, says_what_could_not_be_done) {
  EXPECT_EQ(run({{"/nowhere/program"}, {}, {}, {}}).failure, "run the program: No such file or directory");
  EXPECT_EQ(run({{"no-such-program"}, {}, {}, {}}).failure, "run the program: No such file or directory");
  EXPECT_EQ(run({{"true"}, {}, "/nowhere", {}}).failure, "enter its directory: No such file or directory");
  EXPECT_THAT(run({{}, {}, {}, {}}).failure, HasSubstr("find a program"));
}

TEST(process, leads_its_own_group_with_default_signals_and_no_foreign_descriptors) {
  const int foreign = ::open("/dev/null", O_RDONLY);  // without close-on-exec
  // Of the signals, ours ignores SIGPIPE; the mask of ignored ones is that of a fresh program.
  const auto seen =
      run(shell("ps -o pgid= -p $$ | tr -d ' '; echo $$; grep SigIgn /proc/self/status; ls /proc/self/fd"));
  ::close(foreign);
  ASSERT_GE(seen.out.size(), 3u);
  EXPECT_EQ(seen.out[0], seen.out[1]);
  EXPECT_EQ(seen.out[2], "SigIgn:\t0000000000000000");
  EXPECT_THAT(lines(seen.out.begin() + 3, seen.out.end()), ElementsAre("0", "1", "2", "3"));  // 3: ls's own
}

TEST(process, has_the_limit_of_descriptors_that_we_were_given_not_the_one_we_gave_ourselves) {
  const auto given = net::inherited_descriptor_limit();
  if (given.rlim_cur == given.rlim_max) GTEST_SKIP() << "there is nothing to raise";
  net::raise_descriptor_limit();
  EXPECT_THAT(run(shell("ulimit -Sn; ulimit -Hn")).out,
              ElementsAre(std::to_string(given.rlim_cur), std::to_string(given.rlim_max)));
}

TEST(process, cuts_long_lines_and_loses_none_behind_them) {
  const auto seen = run(shell("head -c 3000000 /dev/zero | tr '\\0' y >&2; echo >&2; echo after >&2"), {}, 100);
  EXPECT_THAT(seen.error, ElementsAre(std::string(100, 'y'), "after"));
}

TEST(process, whoever_it_left_in_its_group_is_ended_with_it) {
  // The sleeper holds the pipe: reading ends only because it is killed.
  const auto seen = run(shell("sleep 1000 & exit 0"));
  EXPECT_EQ(seen.exit.number, 0);
}

// Launches, without which nothing else can be asked.
asio::awaitable<std::unique_ptr<process>> up(process_spec spec) {
  auto child = co_await process::launch(co_await asio::this_coro::executor, std::move(spec));
  if (!child) throw std::runtime_error(child.error().step);
  co_return std::move(*child);
}

asio::awaitable<process_exit> terminate_once(bool& said_so, supervisor_condition& changed, process& child,
                                             std::chrono::milliseconds grace) {
  co_await changed.until([&] { return said_so; }, net::deadline::max());
  const auto ended = co_await child.terminate(grace);
  child.close_output();
  co_return ended.value();
}

asio::awaitable<process_exit> end_after_first_line(process_spec spec, std::chrono::milliseconds grace) {
  auto child = co_await up(std::move(spec));
  supervisor_condition changed(co_await asio::this_coro::executor);
  bool said_so = false;
  const auto note = [&](std::string_view) {
    said_so = true;
    changed.notify();
  };
  co_return co_await (child->read_lines(process::output::out, 100, note) &&
                      terminate_once(said_so, changed, *child, grace));
}

TEST(process, ends_by_sigterm_if_it_heeds_that) {
  strand_runner runner;
  const auto exit =
      runner.run(end_after_first_line(shell("trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done"), 60s));
  EXPECT_EQ(to_string(exit), "exited with code 5");
}

TEST(process, ends_by_sigkill_if_it_ignores_sigterm) {
  strand_runner runner;
  const auto exit =
      runner.run(end_after_first_line(shell("trap '' TERM; echo up; while :; do sleep 0.01; done"), 200ms));
  EXPECT_EQ(to_string(exit), "was ended by signal 9");
}

asio::awaitable<std::pair<process_exit, process_exit>> two_wait() {
  auto child = co_await up(shell("read x; exit 4"));
  auto [first, second, fed] = co_await (child->exited() && child->exited() && child->feed("go\n"));
  co_return std::pair(first.value(), second.value());
}

TEST(process, several_may_wait_for_its_end) {
  strand_runner runner;
  const auto [first, second] = runner.run(two_wait());
  EXPECT_EQ(first.number, 4);
  EXPECT_EQ(second.number, 4);
}

asio::awaitable<bool> gives_up_waiting() {
  auto child = co_await up(shell("sleep 1000"));
  const auto ended = co_await net::by(net::after(200ms), child->exited());
  co_return !ended && ended.error() == asio::error::timed_out;
}

TEST(process, waiting_can_be_given_up_and_a_running_process_is_killed_with_its_object) {
  strand_runner runner;
  EXPECT_TRUE(runner.run(gives_up_waiting()));
}

TEST(process, becomes_another_user_when_we_are_root) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto nobody = find_user("nobody").value();
  EXPECT_EQ(how_to_become(nobody), change_of_user::setuid);
  auto spec = shell("id -u; id -g; id -G; grep -E '^(Uid|Gid)' /proc/self/status | tr '\\t' ' '");
  spec.user = nobody;
  std::vector<gid_t> ours(static_cast<std::size_t>(::getgroups(0, nullptr)));
  ASSERT_GE(::getgroups(static_cast<int>(ours.size()), ours.data()), 0);
  // Of which none must be left.
  const gid_t foreign = nobody.gid - 1;
  ASSERT_EQ(::setgroups(1, &foreign), 0);
  const auto seen = run(std::move(spec));
  ASSERT_EQ(::setgroups(ours.size(), ours.data()), 0);
  const auto uid = std::to_string(nobody.uid);
  const auto gid = std::to_string(nobody.gid);
  const auto four = [](const std::string& id) { return id + " " + id + " " + id + " " + id; };
  EXPECT_THAT(seen.out, ElementsAre(uid, gid, gid, "Uid: " + four(uid), "Gid: " + four(gid)));
}

TEST(process, another_user_cannot_enter_what_only_we_may) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto folder = std::filesystem::temp_directory_path() / ("zerogravity-own-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  ::chmod(folder.c_str(), 0700);
  EXPECT_EQ(run({{"true"}, {}, folder, find_user("nobody").value()}).failure, "enter its directory: Permission denied");
  std::filesystem::remove(folder);
}

TEST(process, we_ourselves_need_no_change_of_user) {
  auto ourselves = process_user{"me", "/", ::geteuid(), ::getegid(), {}};
  EXPECT_EQ(how_to_become(ourselves), change_of_user::none);
}

TEST(process, a_user_that_does_not_exist_is_an_error) {
  EXPECT_FALSE(find_user("no-such-user-here"));
}

TEST(process, sudo_is_asked_for_no_password_and_passes_only_the_environment_given) {
  EXPECT_THAT(
      sudo_command("other", {"HOME=/h", "A=1"}, {"/bin/server", "--flag"}),
      ElementsAre("sudo", "-n", "-u", "other", "--", "/usr/bin/env", "-i", "HOME=/h", "A=1", "/bin/server", "--flag"));
}

TEST(process, a_program_is_found_in_the_path_that_it_will_have) {
  EXPECT_EQ(find_program("sh", {"PATH=/nowhere:/bin"}), "/bin/sh");
  EXPECT_EQ(find_program("./sh", {"PATH=/bin"}), "./sh");
  EXPECT_EQ(find_program("sh", {"PATH="}), "sh");
}

TEST(process_lines, pieces_of_any_size_give_the_same_lines) {
  const std::string bytes = "a\n\nlonger than ten\nlast";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    process_lines splitter(10);
    lines seen;
    const auto keep = [&](std::string_view line) { seen.emplace_back(line); };
    for (std::size_t at = 0; at < bytes.size(); at += size)
      splitter.feed(std::string_view(bytes).substr(at, size), keep);
    splitter.end(keep);
    EXPECT_THAT(seen, ElementsAre("a", "", "longer tha", "last")) << size;
  }
}

}  // namespace
