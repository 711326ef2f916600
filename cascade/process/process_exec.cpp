#include "cascade/process/process_exec.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/descriptor_limit.hpp"

namespace cascade {

namespace {

// ThreadSanitizer must not instrument the child's code, since it takes locks.
#define ZEROGRAVITY_IN_CHILD __attribute__((no_sanitize("thread")))

constexpr unsigned kernel_signals = 64;
constexpr std::size_t kernel_sigset_size = kernel_signals / 8;
constexpr unsigned int close_range_cloexec = 1u << 2;  // of linux/close_range.h

template <class... Args>
ZEROGRAVITY_IN_CHILD long call(long number, Args... arguments) {
  return ::syscall(number, arguments...);
}

[[noreturn]] ZEROGRAVITY_IN_CHILD void give_up(int report, exec_step step) {
  const exec_report failure{step, errno};
  call(SYS_write, report, &failure, sizeof failure);
  for (;;) call(SYS_exit_group, 127);
}

// exec resets handlers, but signals that our process ignores (SIGPIPE) would stay ignored.
ZEROGRAVITY_IN_CHILD void default_signals() {
  // Larger than the kernel's sigaction on every architecture; all zero is SIG_DFL.
  static constexpr std::array<std::uint64_t, 8> default_action{};
  for (unsigned signal = 1; signal <= kernel_signals; ++signal) {
    call(SYS_rt_sigaction, signal, default_action.data(), nullptr, kernel_sigset_size);
  }
  static constexpr std::uint64_t none = 0;
  call(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kernel_sigset_size);
}

ZEROGRAVITY_IN_CHILD bool place_stdio(const exec_plan& plan) {
  const bool placed = call(SYS_dup3, plan.input, 0, 0) >= 0 && call(SYS_dup3, plan.output, 1, 0) >= 0 &&
                      call(SYS_dup3, plan.error, 2, 0) >= 0;
  // Closes descriptors that a library opened without close-on-exec. Kernels before 5.11 cannot; that is harmless.
  call(SYS_close_range, 3u, ~0u, close_range_cloexec);
  return placed;
}

ZEROGRAVITY_IN_CHILD bool change_user(const process_user& user, const gid_t* groups, std::size_t count) {
  return call(SYS_setgroups, count, groups) == 0 && call(SYS_setresgid, user.gid, user.gid, user.gid) == 0 &&
         call(SYS_setresuid, user.uid, user.uid, user.uid) == 0;
}

// Call this after the change of user, which clears the death signal. The parent may have died before.
ZEROGRAVITY_IN_CHILD bool die_with(long parent) {
  if (call(SYS_prctl, PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) return false;
  if (call(SYS_getppid) == parent) return true;
  errno = ESRCH;
  return false;
}

struct prepared {
  const exec_plan& plan;
  const gid_t* groups;
  std::size_t group_count;
  long parent;
  rlimit descriptors;
};

[[noreturn]] ZEROGRAVITY_IN_CHILD void run_child(const prepared& child) {
  const exec_plan& plan = child.plan;
  call(SYS_setpgid, 0, 0);
  if (!place_stdio(plan)) give_up(plan.report, exec_step::stdio);
  if (plan.become != nullptr && !change_user(*plan.become, child.groups, child.group_count)) {
    give_up(plan.report, exec_step::user);
  }
  // Change directory as the new user, who may lack access to ours.
  if (plan.directory != nullptr && call(SYS_chdir, plan.directory) != 0) give_up(plan.report, exec_step::directory);
  if (!die_with(child.parent)) give_up(plan.report, exec_step::death_signal);
  default_signals();
  call(SYS_prlimit64, 0, RLIMIT_NOFILE, &child.descriptors, nullptr);
  call(SYS_execve, plan.program, plan.arguments, plan.environment);
  give_up(plan.report, exec_step::exec);
}

// None of our handlers may run in the child before exec.
class signals_held {
 public:
  signals_held() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_held() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_held(const signals_held&) = delete;
  signals_held& operator=(const signals_held&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

const char* to_string(exec_step step) {
  switch (step) {
    case exec_step::stdio:
      return "connect its standard streams";
    case exec_step::directory:
      return "enter its directory";
    case exec_step::user:
      return "become its user";
    case exec_step::death_signal:
      return "tie it to this process";
    case exec_step::exec:
      return "run the program";
  }
  return "start";
}

net::result<pid_t> fork_exec(const exec_plan& plan) {
  prepared child{plan, nullptr, 0, ::getpid(), net::inherited_descriptor_limit()};
  if (plan.become != nullptr) {
    child.groups = plan.become->groups.data();
    child.group_count = plan.become->groups.size();
  }
  const signals_held held;
  const pid_t pid = ::_Fork();
  if (pid == 0) run_child(child);
  if (pid < 0) return boost::system::error_code(errno, boost::system::system_category());
  return pid;
}

}  // namespace cascade
