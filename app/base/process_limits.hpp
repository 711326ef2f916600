#pragma once

// Limits of looking for the process that made a connection; the keys are limits.<name>.

#include <chrono>
#include <cstddef>

namespace app {

struct process_limits {
  std::size_t known_processes = 64;        // that made connections before, and are looked at first
  std::size_t process_descriptors = 8192;  // of one process that are looked at
  std::size_t process_lookups = 4096;      // connections that wait for theirs; further ones are of no known process
  std::chrono::milliseconds process_blind{30'000};  // no further walk for a user whose process was not found
};

}  // namespace app
