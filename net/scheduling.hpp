#pragma once

// Tells the kernel which threads to run first. See sched_setattr(2): since Linux 6.12 a thread of the normal policy may
// ask for its own time slice, and a waking thread with a shorter slice preempts the running one. Older kernels keep the
// usual slice. No privilege is needed.

#include <chrono>

namespace net {

struct scheduling {
  int niceness = 0;
  std::chrono::nanoseconds slice{0};  // zero if the kernel does not support it
};

/// Of the calling thread.
scheduling present_scheduling() noexcept;

/// Runs the calling thread soon after it wakes, for short times. Its share of the processors stays the same.
void prefer_latency() noexcept;

/// Makes the calling thread yield to any thread that wakes, and gives it a smaller share of the processors.
void prefer_throughput() noexcept;

}  // namespace net
