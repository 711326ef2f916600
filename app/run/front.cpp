#include "app/run/front.hpp"

#include <chrono>
#include <cstdio>
#include <optional>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/base/exit_code.hpp"
#include "app/linux/processes.hpp"

namespace app::run {
namespace {

// Those that stop are among them, since we stop after the command, never before it: the shell takes its terminal back
// once we have, and a command that still reads would take what is typed there.
constexpr int passed_on[] = {SIGHUP,  SIGINT,  SIGQUIT,  SIGTERM, SIGUSR1, SIGUSR2,
                             SIGCONT, SIGALRM, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU};

sigset_t passed_on_set() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : passed_on) sigaddset(&set, number);
  return set;
}

std::int64_t now() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// The terminal's signals reach the whole process group, the command among it; only others need passing on.
bool sent_to_us_alone(const signalfd_siginfo& signal) {
  return signal.ssi_code != SI_KERNEL;
}

class front {
 public:
  explicit front(channel& keeper) : keeper_(keeper) {
    const auto set = passed_on_set();
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  /// The keeper's last message; nullopt if it died without one.
  std::optional<keeper_word> wait() {
    for (;;) {
      pollfd ready[] = {{keeper_.native(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
      ::poll(ready, 2, -1);
      pass_signals();
      if (ready[0].revents == 0) continue;
      const auto word = keeper_.receive<keeper_word>();
      if (!word || word->kind == keeper_word::kind_of::finished) return word;
      stop_as_well(*word);
    }
  }

 private:
  void pass_signals() {
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
      const int number = static_cast<int>(signal.ssi_signo);
      if (number == SIGCONT) continued_at_ = now();
      if (sent_to_us_alone(signal)) keeper_.send(signal_order{number});
    }
  }

  /// Something has stopped the command. The front stops itself, so that the shell learns of it, unless the shell has
  /// already continued the front.
  void stop_as_well(const keeper_word& word) {
    if (word.stopped_at > continued_at_) ::raise(SIGSTOP);
  }

  channel& keeper_;
  net::descriptor signals_;
  std::int64_t continued_at_ = 0;
};

}  // namespace

sigset_t hold_signals() {
  const auto set = passed_on_set();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  return before;
}

int stand_in_front(channel& keeper, pid_t keeper_id) {
  // If the keeper is killed, we inherit the tree.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto last = front(keeper).wait();
  if (last) {
    if (!last->keeper_stays) ::waitpid(keeper_id, nullptr, 0);
    return last->status;
  }
  kill_descendants();
  std::fputs("zerogravity: the interceptor was killed; the command was ended with it\n", stderr);
  return static_cast<int>(exit_code::not_started);
}

}  // namespace app::run
