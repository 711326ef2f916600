#include "bench/intercept/warden.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace bench {
namespace {

/// Waits until every holder has closed the other end.
[[noreturn]] void keep_watch(int told) {
  ::setsid();  // the terminal's keys are for the bench
  std::vector<pid_t> leaders;
  pid_t leader = 0;
  while (::read(told, &leader, sizeof leader) == sizeof leader) leaders.push_back(leader);
  for (const pid_t each : leaders) ::kill(-each, SIGKILL);
  ::_exit(0);
}

}  // namespace

warden::warden() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) {
    ::close(ends[1]);
    keep_watch(ends[0]);
  }
  ::close(ends[0]);
  tell_ = ends[1];
}

warden::~warden() {
  ::close(tell_);
  ::waitpid(pid_, nullptr, 0);
}

void warden::watch(pid_t leader) const {
  if (::write(tell_, &leader, sizeof leader) != sizeof leader) throw std::runtime_error("the warden is gone");
}

void warden::forget() const {
  ::close(tell_);
}

}  // namespace bench
