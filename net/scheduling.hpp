#pragma once

// Which thread the kernel lets go first. See sched_setattr(2): since Linux 6.12 a thread of the normal policy may ask
// for a slice of its own, and one that wakes with a shorter slice than the running one takes the processor at once.
// Older kernels keep the usual slice. No privilege is needed.

#include <chrono>

namespace net {

struct scheduling {
  int niceness = 0;
  std::chrono::nanoseconds slice{0};  // zero where the kernel knows of none
};

/// Of the calling thread.
scheduling present_scheduling() noexcept;

/// The calling thread is run soon after it wakes, for short times. Its share of the processors stays the same.
void prefer_latency() noexcept;

/// The calling thread yields the processor to whoever wakes, and has a smaller share of it.
void prefer_throughput() noexcept;

}  // namespace net
