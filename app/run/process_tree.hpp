#pragma once

// The command and all its descendants, orphans among them (PR_SET_CHILD_SUBREAPER).

#include <cstddef>
#include <cstdint>
#include <optional>

#include <sys/types.h>

#include "app/linux/descriptor.hpp"

namespace app::run {

class process_tree {
 public:
  /// What has become of the tree.
  struct change {
    bool stopped = false;                // the command, by a signal
    std::optional<std::uint8_t> status;  // of the command, as a shell has it, if it has ended
    bool empty = false;                  // no process is left
  };

  /// Makes this process the parent of all orphans, and blocks all signals of this thread.
  process_tree();

  /// For poll(): readable once a child has changed.
  int native() const { return children_.get(); }

  /// Takes the status of every child that has ended.
  change reap(pid_t command);

  static void send_signal(int number);
  static std::size_t size();

 private:
  descriptor children_;
};

}  // namespace app::run
