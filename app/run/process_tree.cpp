#include "app/run/process_tree.hpp"

#include <cerrno>
#include <csignal>

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/linux/processes.hpp"

namespace app::run {

process_tree::process_tree() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  children_.reset(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
}

process_tree::change process_tree::reap(pid_t command) {
  signalfd_siginfo signal{};
  while (::read(children_.get(), &signal, sizeof signal) == sizeof signal) {
  }
  change seen;
  for (;;) {
    int status = 0;
    const pid_t child = ::waitpid(-1, &status, WNOHANG | WUNTRACED);
    if (child < 0 && errno == EINTR) continue;
    if (child <= 0) {
      seen.empty = child < 0;
      return seen;
    }
    if (child != command) continue;
    if (WIFSTOPPED(status)) {
      seen.stopped = true;
    } else {
      seen.status = static_cast<std::uint8_t>(shell_status(status));
    }
  }
}

void process_tree::send_signal(int number) {
  for (const pid_t each : descendants_of(::getpid())) ::kill(each, number);
}

std::size_t process_tree::size() {
  return descendants_of(::getpid()).size();
}

}  // namespace app::run
