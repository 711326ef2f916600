#include "net/scheduling.hpp"

#include <algorithm>
#include <cstdint>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace net {
namespace {

using namespace std::chrono_literals;

// The kernel's bounds.
constexpr std::chrono::nanoseconds shortest_slice = 100us;
constexpr std::chrono::nanoseconds longest_slice = 100ms;

// Enough to let an event loop go first, but not so much that reports starve on a busy machine.
constexpr int background_niceness = 10;

/// As in sched_setattr(2). <linux/sched/types.h>, which declares it, conflicts with <sched.h>.
struct kernel_attributes {
  std::uint32_t size = sizeof(kernel_attributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t niceness = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // ns; the slice
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(kernel_attributes) == 48);

// If it cannot be set, everything still works.
void take(int niceness, std::chrono::nanoseconds slice) noexcept {
  const kernel_attributes wanted{.niceness = niceness, .runtime = static_cast<std::uint64_t>(slice.count())};
  ::syscall(SYS_sched_setattr, 0, &wanted, 0);
}

}  // namespace

scheduling present_scheduling() noexcept {
  kernel_attributes now;
  ::syscall(SYS_sched_getattr, 0, &now, sizeof now, 0);
  return {now.niceness, std::chrono::nanoseconds(now.runtime)};
}

void prefer_latency() noexcept {
  take(present_scheduling().niceness, shortest_slice);
}

void prefer_throughput() noexcept {
  take(std::max(present_scheduling().niceness, background_niceness), longest_slice);
}

}  // namespace net
