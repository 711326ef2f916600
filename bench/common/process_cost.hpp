#pragma once

// What a process has used so far, according to the kernel.

#include <cstdint>

#include <sys/types.h>

namespace bench {

struct process_cost {
  std::uint64_t cpu_ns = 0;          // of all its threads, including ended ones
  std::uint64_t memory_bytes = 0;    // anonymous and resident
  std::uint64_t resident_bytes = 0;  // everything resident, including the program and its libraries
};

/// Of process `pid`; zeros if it is gone.
process_cost cost_of(pid_t pid);
process_cost own_cost();
/// Of all processes in the process group that `leader` leads.
process_cost cost_of_group(pid_t leader);

/// CLOCK_MONOTONIC: the same for all processes of the machine.
std::uint64_t monotonic_ns();

}  // namespace bench
