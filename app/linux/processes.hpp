#pragma once

// The tree of processes below one, for killing it. Reads /proc once per call.

#include <chrono>
#include <vector>

#include <sys/types.h>

namespace app::run {

/// Every process below `ancestor`, parents first.
std::vector<pid_t> descendants_of(pid_t ancestor);

/// Kills every descendant of this process, which must be their subreaper, and waits for them.
void kill_descendants();

/// The exit status that a shell derives from waitpid()'s.
int shell_status(int status);

}  // namespace app::run
