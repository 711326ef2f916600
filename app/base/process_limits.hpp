#pragma once

// Limits of the search for the process that made a connection; the keys are limits.<name>.

#include <chrono>
#include <cstddef>

namespace app {

struct process_limits {
  std::size_t known_processes = 64;        // that made connections before and are searched first
  std::size_t process_descriptors = 8192;  // of one process that are looked at
  std::size_t process_lookups = 4096;      // connections that wait for a search; further ones get no process
  // After a connection matched no process, skip searching /proc for that user for this long.
  std::chrono::milliseconds process_blind{30'000};
};

}  // namespace app
