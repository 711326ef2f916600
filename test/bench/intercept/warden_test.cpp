#include "bench/intercept/warden.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include <gtest/gtest.h>

namespace {

void say(int to) {
  EXPECT_EQ(::write(to, "x", 1), 1);
}

bool hear(int from) {
  char said = 0;
  return ::read(from, &said, 1) == 1;
}

/// A leader of a group with a worker, as nginx has them. Both hold `alive`; the worker says that it is there.
pid_t start_group(const bench::warden& watched, int alive) {
  const pid_t leader = ::fork();
  if (leader == 0) {
    ::setpgid(0, 0);
    watched.forget();
    if (::fork() == 0) say(alive);
    for (;;) ::pause();
  }
  ::setpgid(leader, leader);
  return leader;
}

/// A bench that has started a group, says so and waits.
pid_t start_bench(std::array<int, 2> alive) {
  const pid_t bench = ::fork();
  if (bench != 0) return bench;
  ::close(alive[0]);
  const bench::warden watched;
  watched.watch(start_group(watched, alive[1]));
  say(alive[1]);
  ::close(alive[1]);
  for (;;) ::pause();
}

TEST(warden, ends_the_workers_of_what_a_killed_bench_had_started) {
  std::array<int, 2> alive{};
  ASSERT_EQ(::pipe(alive.data()), 0);
  const pid_t bench = start_bench(alive);
  ::close(alive[1]);
  ASSERT_TRUE(hear(alive[0]) && hear(alive[0]));
  ::kill(bench, SIGKILL);
  ::waitpid(bench, nullptr, 0);
  // The end of the pipe: nobody holds it any more. Should a worker stay, the test runs into its time limit.
  EXPECT_FALSE(hear(alive[0]));
  ::close(alive[0]);
}

}  // namespace
