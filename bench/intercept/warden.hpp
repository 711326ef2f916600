#pragma once

// Ends everything that the bench has started if the bench itself is killed. A parent-death signal would reach a child,
// but not the workers that the child has started.

#include <sys/types.h>

namespace bench {

class warden {
 public:
  /// Starts the process of the warden. Throws std::runtime_error.
  warden();
  /// Kills every watched group.
  ~warden();
  warden(const warden&) = delete;
  warden& operator=(const warden&) = delete;

  /// Watches the process group that `leader` leads.
  void watch(pid_t leader) const;
  /// Call it in a child that does not execute another program, so that the child does not count as the bench.
  void forget() const;

 private:
  int tell_ = -1;
  pid_t pid_ = -1;
};

}  // namespace bench
