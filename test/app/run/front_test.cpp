#include "app/run/front.hpp"

#include <csignal>
#include <functional>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/base/exit_code.hpp"

namespace app::run {
namespace {

/// A front is a process, and its keeper another: the status of a front whose keeper lives so.
int status_of_front(const std::function<void(channel& front)>& keeper) {
  const pid_t front = ::fork();
  if (front == 0) {
    auto ends = channel::make();
    hold_signals();
    const pid_t keeps = ::fork();
    if (keeps == 0) {
      ends->first.close();
      keeper(ends->second);
      ::_exit(0);
    }
    ends->second.close();
    ::_exit(stand_in_front(ends->first, keeps));
  }
  int status = 0;
  ::waitpid(front, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

keeper_word finished(int status) {
  return {.kind = keeper_word::kind_of::finished, .status = static_cast<std::uint8_t>(status)};
}

TEST(front, ends_with_the_status_of_the_command) {
  EXPECT_EQ(status_of_front([](channel& front) { front.send(finished(7)); }), 7);
}

TEST(front, does_not_wait_for_a_keeper_that_stays) {
  int held[2];
  ASSERT_EQ(::pipe(held), 0);
  EXPECT_EQ(status_of_front([&](channel& front) {
              auto word = finished(3);
              word.keeper_stays = true;
              front.send(word);
              ::close(held[1]);
              char end = 0;
              static_cast<void>(::read(held[0], &end, 1));  // until the test lets it go
            }),
            3);
  ::close(held[1]);
  ::close(held[0]);
}

TEST(front, passes_on_a_signal_that_was_sent_to_it_alone) {
  for (const int number : {SIGTERM, SIGUSR1, SIGHUP}) {
    EXPECT_EQ(status_of_front([number](channel& front) {
                ::kill(::getppid(), number);
                const auto order = front.receive<signal_order>();
                front.send(finished(order ? order->number : 0));
              }),
              number);
  }
}

TEST(front, ends_what_a_keeper_that_was_killed_leaves_behind) {
  int held[2];
  ASSERT_EQ(::pipe(held), 0);
  EXPECT_EQ(status_of_front([&](channel& front) {
              ::close(held[0]);
              if (::fork() == 0) {
                front.close();
                for (;;) ::pause();  // a process of the command, which holds the pipe
              }
              ::kill(::getpid(), SIGKILL);
            }),
            static_cast<int>(exit_code::not_started));
  ::close(held[1]);
  char end = 0;
  EXPECT_EQ(::read(held[0], &end, 1), 0) << "nobody holds the pipe any more";
  ::close(held[0]);
}

}  // namespace
}  // namespace app::run
