#include "app/service/signal_watch.hpp"

#include <future>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/support/until.hpp"

namespace app {
namespace {

/// The signals of a process cannot be tested without a process: `life` in a child, which its code ends.
int exit_code_of(void (*life)()) {
  const pid_t child = ::fork();
  if (child == 0) {
    life();
    ::_exit(99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void expect(bool held) {
  if (!held) ::_exit(1);
}

/// The next signal that the watch hands on.
int next_of(signal_watch& watch) {
  auto came = std::make_shared<std::promise<int>>();
  watch.deliver_to([came](int number) { came->set_value(number); });
  return came->get_future().get();
}

void asked(const signal_watch& watch) {
  test::until([&] { return watch.asked_to_end(); });
}

TEST(signal_watch, hands_on_what_came_before_anybody_received) {
  EXPECT_EQ(exit_code_of([] {
              signal_watch watch;
              ::kill(::getpid(), SIGTERM);
              asked(watch);
              expect(next_of(watch) == SIGTERM);
              ::_exit(0);
            }),
            0);
}

TEST(signal_watch, does_not_take_a_reload_for_an_end) {
  EXPECT_EQ(exit_code_of([] {
              signal_watch watch;
              ::kill(::getpid(), SIGHUP);
              expect(next_of(watch) == SIGHUP && !watch.asked_to_end());
              ::_exit(0);
            }),
            0);
}

TEST(signal_watch, a_second_signal_ends_a_process_in_which_nobody_receives) {
  EXPECT_EQ(exit_code_of([] {
              signal_watch watch;
              ::kill(::getpid(), SIGINT);
              asked(watch);
              ::kill(::getpid(), SIGTERM);
              for (;;) ::pause();
            }),
            0);
}

TEST(signal_watch, a_process_that_is_stuck_ends_after_a_while) {
  EXPECT_EQ(exit_code_of([] {
              signal_watch watch;
              ::kill(::getpid(), SIGTERM);
              for (;;) ::pause();
            }),
            0);
}

TEST(signal_watch, an_end_that_is_stuck_has_the_code_that_it_was_to_have) {
  EXPECT_EQ(exit_code_of([] {
              signal_watch watch;
              watch.deliver_to([](int) {});
              ::kill(::getpid(), SIGTERM);
              asked(watch);
              watch.stop_delivery(exit_code::failed);
              for (;;) ::pause();
            }),
            static_cast<int>(exit_code::failed));
}

TEST(signal_watch, nobody_is_told_after_the_delivery_has_stopped) {
  EXPECT_EQ(exit_code_of([] {
              signal_watch watch;
              watch.deliver_to([](int) { ::_exit(1); });
              watch.stop_delivery(exit_code::failed);
              ::kill(::getpid(), SIGTERM);
              asked(watch);
              ::_exit(0);
            }),
            0);
}

}  // namespace
}  // namespace app
