#pragma once

// Limits of the search for the process that made a connection. Only process_blind is a key (limits.process_blind): the
// others bound memory and time at values that a real machine does not reach, so nobody would tune them.

#include <chrono>
#include <cstddef>

namespace app {

struct process_limits {
  std::size_t known_processes = 64;        // made connections before; searched first
  std::size_t process_descriptors = 8192;  // searched in one process; a connection beyond them belongs to nobody
  std::size_t process_lookups = 4096;      // connections that wait for theirs; further ones are of no known process
  // After a connection could not be matched to any process, skip searching /proc for that user for this long.
  std::chrono::milliseconds process_blind{30'000};
};

}  // namespace app
