#pragma once

// Ends what the bench has started if the bench itself is killed. A parent-death signal reaches a child, but not the
// workers that the child has started.

#include <sys/types.h>

namespace bench {

class warden {
 public:
  /// A process of its own. Throws std::runtime_error.
  warden();
  /// Kills every group that is watched.
  ~warden();
  warden(const warden&) = delete;
  warden& operator=(const warden&) = delete;

  /// The process group that `leader` leads.
  void watch(pid_t leader) const;
  /// In a child that does not execute another program: it must not be taken for the bench.
  void forget() const;

 private:
  int tell_ = -1;
  pid_t pid_ = -1;
};

}  // namespace bench
