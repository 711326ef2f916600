#include "app/linux/processes.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace app::run {
namespace {

/// Forks `depth` generations below the caller, each waiting; writes a byte when the last is there.
void fork_generations(int depth, int ready) {
  if (depth == 0) {
    [[maybe_unused]] const auto written = ::write(ready, "x", 1);
  } else if (::fork() == 0) {
    ::setsid();
    fork_generations(depth - 1, ready);
  }
  for (;;) ::pause();
}

TEST(processes, a_tree_is_found_and_killed_to_its_last_leaf) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) fork_generations(2, ends[1]);
  char byte = 0;
  ASSERT_EQ(::read(ends[0], &byte, 1), 1);
  const auto found = descendants_of(::getpid());
  EXPECT_EQ(found.size(), 3u);
  EXPECT_EQ(found.front(), child);
  kill_descendants();
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "none is left to wait for";
  for (const pid_t each : found) EXPECT_NE(::kill(each, 0), 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(processes, a_status_is_what_a_shell_would_say) {
  EXPECT_EQ(shell_status(W_EXITCODE(7, 0)), 7);
  EXPECT_EQ(shell_status(W_EXITCODE(0, SIGKILL)), 137);
}

}  // namespace
}  // namespace app::run
