#include "cascade/supervisor/supervisor.hpp"

#include <algorithm>
#include <csignal>
#include <stop_token>
#include <thread>

#include <boost/asio/ip/tcp.hpp>

#include "cascade/supervisor/supervisor_attach.hpp"
#include "test/cascade/supervisor/supervisor_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace cascade;
using namespace cascade_test;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

TEST_F(supervisor_test, a_server_is_ready_when_its_heartbeat_answers_at_the_port_of_its_log) {
  start(shell_server(says_port(40123) + for_ever));
  const auto server = ready().value();
  EXPECT_EQ(server.address.target, "127.0.0.1:40123");
  EXPECT_THAT(server.address.csrf_token,
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(server.address.certificate_pem, "certificate of 127.0.0.1:40123");
  EXPECT_EQ(server.generation, 1u);
  EXPECT_FALSE(server.lost.stop_requested());
  const auto state = supervisor_->state();
  EXPECT_EQ(state.phase, supervisor_phase::ready);
  EXPECT_EQ(state.target, "127.0.0.1:40123");
  EXPECT_EQ(::kill(state.pid, 0), 0);
}

TEST_F(supervisor_test, it_gets_its_metadata_environment_and_arguments) {
  auto wanted =
      shell_server("cat > '{state_dir}/stdin'; env > '{state_dir}/env'; echo \"$0 $1\" > '{state_dir}/arguments'; " +
                   says_port(1) + for_ever);
  wanted.command.insert(wanted.command.end(), {"{csrf_token}", "{cloud_code_endpoint}"});
  wanted.metadata = std::string(
      "\x0a\x03"
      "ide\x00\xff",
      7);
  wanted.home = folder_ / "home";
  wanted.bundle = "/some/bundle.pem";
  wanted.environment = {"EXTRA=1"};
  wanted.cloud_code_endpoint = "https://endpoint.example";
  ::setenv("ZEROGRAVITY_TEST_SECRET", "ours", 1);
  start(wanted);
  const auto server = ready().value();
  EXPECT_EQ(content(path("stdin")), wanted.metadata);
  const auto environment = content(path("env"));
  EXPECT_THAT(environment, HasSubstr("HOME=" + path("home") + "\n"));
  EXPECT_THAT(environment, HasSubstr("SSL_CERT_FILE=/some/bundle.pem\n"));
  EXPECT_THAT(environment, HasSubstr("EXTRA=1\n"));
  EXPECT_THAT(environment, Not(HasSubstr("ZEROGRAVITY_TEST_SECRET")));
  EXPECT_EQ(content(path("arguments")), server.address.csrf_token + " https://endpoint.example\n");
}

TEST_F(supervisor_test, a_chosen_port_needs_no_log_line) {
  start(shell_server("echo {https_port} > '{state_dir}/port'; : > '{state_dir}/up'; " + for_ever));
  answers_ = [this](const server_address&) { return std::filesystem::exists(path("up")); };
  EXPECT_EQ(ready().value().address.target + "\n", "127.0.0.1:" + content(path("port")));
}

TEST_F(supervisor_test, without_either_the_sockets_of_the_process_are_tried) {
  auto wanted = launch_server{};
  wanted.command = {
      "/usr/bin/python3", "-c",
      "import socket,time\na=socket.create_server(('127.0.0.1',0))\nb=socket.create_server(('127.0.0.1',0))\n"
      "open('{state_dir}/ports.new','w').write('%d %d'%(a.getsockname()[1],b.getsockname()[1]))\n"
      "import os;os.rename('{state_dir}/ports.new','{state_dir}/ports');time.sleep(100000)"};
  // Only the second answers.
  answers_ = [this](const server_address& address) {
    const auto ports = content(path("ports"));
    return !ports.empty() && address.target == "127.0.0.1:" + ports.substr(ports.find(' ') + 1);
  };
  start(wanted);
  EXPECT_TRUE(ready());
}

TEST_F(supervisor_test, a_port_that_somebody_else_holds_gets_nothing_and_the_next_start_another_port) {
  std::atomic<int> looks{0};
  std::string first;
  holds_ = [&](const server_address& address) {
    if (first.empty()) first = address.target;
    const bool taken = address.target == first;
    if (taken) ++looks;
    return cascade::port_holder{taken ? cascade::port_holder::who::stranger : cascade::port_holder::who::server,
                                taken ? "held by uid 61003" : ""};
  };
  start(shell_server(": {https_port}; " + for_ever));
  const auto server = ready().value();
  EXPECT_NE(server.address.target, first);
  EXPECT_TRUE(noted("failed to start: held by uid 61003"));
  EXPECT_EQ(looks, 1) << "the start is given up at once";
  for (const auto& trusted : trusted_.all()) EXPECT_NE(trusted, first);
  for (const auto& probed : probed_.all()) EXPECT_NE(probed.target, first);
}

TEST_F(supervisor_test, who_may_hold_the_port_is_the_servers_user_and_process) {
  start(shell_server(says_port(1) + for_ever));
  const auto server = ready().value();
  EXPECT_THAT(server.address.owner.users, testing::ElementsAre(::geteuid()));
  EXPECT_EQ(server.address.owner.process, supervisor_->state().pid);
}

TEST_F(supervisor_test, a_server_whose_port_was_taken_while_it_was_ready_is_given_up) {
  std::atomic<bool> taken{false};
  holds_ = [&](const server_address&) {
    return cascade::port_holder{taken ? cascade::port_holder::who::stranger : cascade::port_holder::who::server,
                                "held by uid 61003"};
  };
  start(shell_server(says_port(1) + for_ever));
  const auto server = ready().value();
  const auto before = probed_.all().size();
  taken = true;
  supervisor_->suspect(server.generation);
  ASSERT_TRUE(soon([&] { return server.lost.stop_requested(); }));
  EXPECT_TRUE(noted("held by uid 61003"));
  EXPECT_EQ(probed_.all().size(), before);
}

TEST_F(supervisor_test, the_environment_may_hold_the_token_in_the_place_of_the_command_line) {
  auto wanted = shell_server("echo \"$TOKEN\" > '{state_dir}/token'; : > '{state_dir}/up'; " + says_port(1) + for_ever);
  wanted.environment = {"TOKEN={csrf_token}"};
  start(wanted);
  EXPECT_EQ(ready().value().address.csrf_token + "\n", content(path("token")));
}

TEST_F(supervisor_test, an_exit_with_code_0_before_it_answered_is_a_failed_start_with_the_reason_kept) {
  start(shell_server("echo 'no metadata' >&2; exit 0"));
  ASSERT_TRUE(noted("failed to start: exited with code 0 after 0."));
  EXPECT_TRUE(noted(": no metadata"));
  ASSERT_TRUE(soon([&] { return supervisor_->state().failures >= 3; }));
  EXPECT_GE(supervisor_->state().generation, 3u);
  EXPECT_EQ(supervisor_->state().restarts, 0u);
}

TEST_F(supervisor_test, it_tries_again_until_a_start_succeeds) {
  start(shell_server("echo x >> '{state_dir}/starts'; [ $(wc -l < '{state_dir}/starts') -ge 4 ] || exit 1; " +
                     says_port(1) + for_ever));
  EXPECT_EQ(ready().value().generation, 4u);
}

TEST_F(supervisor_test, a_program_that_is_not_there_is_tried_again_too) {
  auto wanted = launch_server{};
  wanted.command = {path("late")};
  start(wanted);
  ASSERT_TRUE(noted("cannot run the program: No such file or directory"));
  std::ofstream(path("late.new")) << "#!/bin/sh\n" + says_port(5) + for_ever + "\n";
  std::filesystem::permissions(path("late.new"), std::filesystem::perms::owner_all);
  std::filesystem::rename(path("late.new"), path("late"));
  EXPECT_EQ(ready().value().address.target, "127.0.0.1:5");
}

TEST_F(supervisor_test, while_it_backs_off_callers_are_told_when_the_next_attempt_is) {
  options_.restart = {.first = 1h, .longest = 1h, .shortest = 1h, .stable = 1h};
  start(shell_server("exit 3"));
  ASSERT_TRUE(soon([&] { return supervisor_->state().phase == supervisor_phase::backing_off; }));
  const auto state = supervisor_->state();
  EXPECT_THAT(state.reason, HasSubstr("exited with code 3"));
  ASSERT_TRUE(state.retry_at);
  EXPECT_GT(*state.retry_at, clock::now() + 50min);
  EXPECT_EQ(ready(0ms).error(), asio::error::timed_out);
  EXPECT_EQ(state.pid, 0);
}

TEST_F(supervisor_test, one_that_never_answers_is_ended_at_the_limit_of_a_start) {
  options_.limits.start = 200ms;
  answers_ = [](const auto&) { return false; };
  start(shell_server("echo $$ >> '{state_dir}/pids'; " + says_port(1) + for_ever));
  ASSERT_TRUE(noted("did not answer within 200 ms"));
  ASSERT_TRUE(soon([&] { return supervisor_->state().failures >= 2; }));
  EXPECT_TRUE(gone(std::stoi(content(path("pids")))));
}

TEST_F(supervisor_test, a_heartbeat_that_hangs_is_given_up_at_its_own_limit) {
  options_.limits.heartbeat = 200ms;
  hangs_ = true;
  start(shell_server(says_port(1) + for_ever));
  ASSERT_TRUE(probed_.wait_for([](const auto&) { return true; }));
  hangs_ = false;
  EXPECT_TRUE(ready());
}

TEST_F(supervisor_test, a_crash_is_told_to_whoever_uses_that_server_and_the_next_one_has_another_number) {
  start(shell_server(says_port(1) + for_ever));
  const auto first = ready().value();
  std::promise<supervisor_phase> told;
  const std::stop_callback callback(first.lost, [&] { told.set_value(supervisor_->state().phase); });
  const auto pid = supervisor_->state().pid;
  ::kill(pid, SIGKILL);
  auto meanwhile = told.get_future();
  ASSERT_EQ(meanwhile.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(meanwhile.get(), supervisor_phase::backing_off) << "nobody may take it for ready any more";
  const auto second = ready_after(first.generation);
  EXPECT_EQ(second.generation, 2u);
  EXPECT_FALSE(second.lost.stop_requested());
  EXPECT_NE(second.address.csrf_token, first.address.csrf_token);
  EXPECT_NE(supervisor_->state().pid, pid);
  EXPECT_EQ(supervisor_->state().restarts, 1u);
  EXPECT_THAT(supervisor_->state().reason, HasSubstr("was ended by signal 9"));
}

TEST_F(supervisor_test, ready_waits_for_the_next_server_while_one_is_being_started) {
  start(shell_server("while ! [ -e '{state_dir}/go' ]; do sleep 0.01; done; " + says_port(7) + for_ever));
  auto waiting = asio::co_spawn(runner_.pool().strand(), supervisor_->ready(net::after(patience)), asio::use_future);
  EXPECT_EQ(ready(0ms).error(), asio::error::timed_out);
  std::ofstream(path("go"));
  EXPECT_EQ(waiting.get().value().address.target, "127.0.0.1:7");
}

TEST_F(supervisor_test, many_may_wait_at_once_from_any_thread) {
  start(shell_server("while ! [ -e '{state_dir}/go' ]; do sleep 0.01; done; " + says_port(7) + for_ever));
  std::vector<std::future<net::result<running_server>>> waiting;
  for (int i = 0; i < 100; ++i) {
    waiting.push_back(
        asio::co_spawn(runner_.pool().strand(), supervisor_->ready(net::after(patience)), asio::use_future));
  }
  std::ofstream(path("go"));
  for (auto& each : waiting) EXPECT_TRUE(each.get());
}

TEST_F(supervisor_test, a_suspected_server_that_answers_stays) {
  start(shell_server(says_port(1) + for_ever));
  const auto server = ready().value();
  const auto before = probed_.all().size();
  supervisor_->suspect(server.generation);
  ASSERT_TRUE(soon([&] { return probed_.all().size() > before; }));
  EXPECT_EQ(ready().value().generation, server.generation);
  EXPECT_FALSE(server.lost.stop_requested());
}

TEST_F(supervisor_test, a_suspected_server_that_does_not_answer_is_ended_and_replaced) {
  std::atomic<bool> stuck{false};
  answers_ = [&](const server_address&) { return !stuck; };
  // A stopped process neither answers nor heeds SIGTERM.
  options_.limits.terminate = 200ms;
  start(shell_server(says_port(1) + for_ever));
  const auto server = ready().value();
  const auto pid = supervisor_->state().pid;
  ::kill(pid, SIGSTOP);
  stuck = true;
  supervisor_->suspect(server.generation);
  ASSERT_TRUE(soon([&] { return server.lost.stop_requested(); }));
  stuck = false;
  EXPECT_EQ(ready_after(server.generation).generation, 2u);
  EXPECT_TRUE(gone(pid));
  EXPECT_TRUE(noted("does not answer its heartbeat any more"));
}

TEST_F(supervisor_test, a_suspicion_about_a_server_of_before_is_of_no_interest) {
  start(shell_server(says_port(1) + for_ever));
  const auto first = ready().value();
  ::kill(supervisor_->state().pid, SIGKILL);
  ready_after(first.generation);
  const auto before = probed_.all().size();
  supervisor_->suspect(first.generation);
  runner_.run([]() -> asio::awaitable<int> { co_return 0; }());  // behind it on the strand
  EXPECT_EQ(probed_.all().size(), before);
}

TEST_F(supervisor_test, stop_ends_a_server_that_ignores_sigterm_and_refuses_what_comes_after) {
  options_.limits.terminate = 200ms;
  start(shell_server("trap '' TERM; " + says_port(1) + "while :; do sleep 0.01; done"));
  const auto server = ready().value();
  const auto pid = supervisor_->state().pid;
  runner_.run(supervisor_->stop());
  EXPECT_TRUE(server.lost.stop_requested());
  EXPECT_NE(::kill(pid, 0), 0);
  EXPECT_EQ(supervisor_->state().phase, supervisor_phase::stopped);
  EXPECT_EQ(ready().error(), supervisor_errc::stopped);
}

TEST_F(supervisor_test, stop_does_not_wait_for_a_start_a_heartbeat_or_a_back_off) {
  options_.limits.heartbeat = 1h;
  hangs_ = true;
  start(shell_server(says_port(1) + for_ever));
  ASSERT_TRUE(probed_.wait_for([](const auto&) { return true; }));
  auto waiting = asio::co_spawn(runner_.pool().strand(), supervisor_->ready(net::deadline::max()), asio::use_future);
  runner_.run(supervisor_->stop());
  EXPECT_EQ(waiting.get().error(), supervisor_errc::stopped);
}

TEST_F(supervisor_test, its_log_comes_to_ours_without_the_token) {
  start(shell_server("echo 'token is {csrf_token}.' >&2; echo 'on stdout'; " + says_port(1) + for_ever));
  EXPECT_TRUE(logged("token is [redacted]."));
  EXPECT_TRUE(logged("on stdout"));
  EXPECT_TRUE(ready());
}

TEST_F(supervisor_test, a_flood_of_long_lines_neither_hides_the_port_nor_fills_our_log) {
  options_.limits.log_lines_per_second = 10;
  start(shell_server("head -c 20000000 /dev/zero | tr '\\0' x | fold -w 100000 >&2; echo >&2; " + says_port(9) +
                     for_ever));
  EXPECT_EQ(ready().value().address.target, "127.0.0.1:9");
  EXPECT_GT(supervisor_->state().dropped_log_lines, 0u);
  for (const auto& line : lines_.all()) EXPECT_LE(line.size(), max_clean_line);
}

TEST_F(supervisor_test, retries_that_the_log_tells_of_are_counted) {
  start(shell_server("echo 'Encountered retryable api error. retrying in 5s' >&2; " + says_port(1) + for_ever));
  ASSERT_TRUE(ready());
  EXPECT_EQ(supervisor_->state().provider_retries, 1u);
}

TEST_F(supervisor_test, the_stream_kind_is_remembered_for_the_life_of_that_process) {
  start(shell_server(says_port(1) + for_ever));
  const auto first = ready().value();
  supervisor_->set_stream_kind(first.generation, "reactive");
  EXPECT_EQ(supervisor_->state().stream_kind, "reactive");
  ::kill(supervisor_->state().pid, SIGKILL);
  ready_after(first.generation);
  EXPECT_EQ(supervisor_->state().stream_kind, "");
  supervisor_->set_stream_kind(first.generation, "reactive");
  EXPECT_EQ(supervisor_->state().stream_kind, "");
}

TEST_F(supervisor_test, an_unknown_placeholder_is_named) {
  start(shell_server("{nonsense}"));
  EXPECT_TRUE(noted("unknown placeholder {nonsense}"));
}

TEST_F(supervisor_test, no_language_server_configured_is_said_at_once) {
  start(no_server{});
  EXPECT_EQ(supervisor_->state().phase, supervisor_phase::none);
  EXPECT_EQ(ready().error(), supervisor_errc::none_configured);
}

TEST_F(supervisor_test, attaches_to_a_server_with_its_own_certificate) {
  start(attach_server{{"server.example:443", "token", "a certificate"}});
  const auto server = ready().value();
  EXPECT_EQ(server.address.target, "server.example:443");
  EXPECT_EQ(server.address.certificate_pem, "a certificate");
  EXPECT_TRUE(trusted_.all().empty());
}

TEST_F(supervisor_test, never_talks_to_another_machine_without_its_certificate) {
  start(attach_server{{"192.0.2.1:443", "token", ""}});
  ASSERT_TRUE(soon([&] { return supervisor_->state().phase == supervisor_phase::failed; }));
  EXPECT_EQ(ready().error(), supervisor_errc::misconfigured);
  EXPECT_THAT(supervisor_->state().reason, HasSubstr("certificate is not given"));
  EXPECT_TRUE(trusted_.all().empty());
  EXPECT_TRUE(probed_.all().empty());
}

TEST_F(supervisor_test, an_attached_server_that_is_lost_is_looked_for_again) {
  std::atomic<bool> up{true};
  answers_ = [&](const server_address&) { return up.load(); };
  start(attach_server{{"127.0.0.1:5", "token", ""}});
  const auto server = ready().value();
  up = false;
  supervisor_->suspect(server.generation);
  ASSERT_TRUE(soon([&] { return server.lost.stop_requested(); }));
  up = true;
  EXPECT_GT(ready_after(server.generation).generation, server.generation);
}

TEST(is_loopback_target, knows_every_spelling_of_this_machine_and_no_other) {
  for (const auto* here : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"})
    EXPECT_TRUE(is_loopback_target(here)) << here;
  for (const auto* elsewhere :
       {"192.0.2.1:1", "[2001:db8::1]:1", "localhost.example:1", "127.0.0.1.example:1", "127.0.0.1", ""}) {
    EXPECT_FALSE(is_loopback_target(elsewhere)) << elsewhere;
  }
}

}  // namespace
