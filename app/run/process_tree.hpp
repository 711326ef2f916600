#pragma once

// The command and all its descendants, including orphans (PR_SET_CHILD_SUBREAPER).

#include <cstddef>
#include <cstdint>
#include <optional>

#include <sys/types.h>

#include "net/descriptor.hpp"

namespace app::run {

class process_tree {
 public:
  /// The state of the tree.
  struct change {
    bool stopped = false;                // a signal has stopped the command
    std::optional<std::uint8_t> status;  // of the command, as a shell reports it; nullopt: it has not ended
    bool empty = false;                  // no process is left
  };

  /// Makes this process the parent of all orphans, and blocks all signals of this thread.
  process_tree();

  /// For poll(): readable once the state of a child has changed.
  int native() const { return children_.get(); }

  /// Takes the status of every child that has ended.
  change reap(pid_t command);

  static void send_signal(int number);
  static std::size_t size();

 private:
  net::descriptor children_;
};

}  // namespace app::run
