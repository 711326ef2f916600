#pragma once

// fork and exec from a program with many threads. Between the two, the child is a copy of one thread whose locks may be
// held by threads that it does not have: malloc, stdio, the dynamic linker, glibc's own setuid() (which signals every
// thread) and a sanitizer's interceptors can all hang it. So everything is prepared before the fork, and the child
// makes only bare system calls. _Fork() runs no atfork handlers; a library may have one that stops its threads.
// posix_spawn lacks setuid, the death signal and supplementary groups. Used by process.

#include <sys/types.h>

#include "cascade/process/process_user.hpp"
#include "net/errc.hpp"

namespace cascade {

/// What the child needs, all of it outliving the call of fork_exec(). File descriptors are above 2 and close-on-exec.
struct exec_plan {
  const char* program = nullptr;         // a path
  char* const* arguments = nullptr;      // null-terminated
  char* const* environment = nullptr;    // null-terminated; the whole of it
  const char* directory = nullptr;       // null: stay
  const process_user* become = nullptr;  // null: stay; we are root
  int input = -1;
  int output = -1;
  int error = -1;
  int report = -1;  // write end of a pipe: an exec_report if the program cannot be run, else just its end
};

enum class exec_step : int { stdio = 1, directory, user, death_signal, exec };

struct exec_report {
  exec_step step;
  int error;  // errno
};

const char* to_string(exec_step step);

/// The child's id. The child leads a process group of its own, has default signal handling, the limit of descriptors
/// that we were given (net/descriptor_limit.hpp), no descriptors but the three, and gets SIGTERM when the *thread* that
/// called this ends, at the latest with our process. (SIGTERM, not SIGKILL: a server should save its conversations.)
/// Programs that change their user, such as sudo, lose that signal.
net::result<pid_t> fork_exec(const exec_plan& plan);

}  // namespace cascade
