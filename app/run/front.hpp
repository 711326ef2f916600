#pragma once

// The process that the shell waits for. It only passes on signals that were sent to it alone, stops when the command
// stops, and ends with the command's status.

#include <csignal>
#include <cstdint>

#include <sys/types.h>

#include "app/run/channel.hpp"

namespace app::run {

/// From the front: a signal for the command.
struct signal_order {
  int number = 0;
};

/// From the keeper.
struct keeper_word {
  enum class kind_of : std::uint8_t { finished, stopped };

  kind_of kind = kind_of::finished;
  std::uint8_t status = 0;      // finished: the exit status
  bool keeper_stays = false;    // finished: processes of the tree still run
  std::int64_t stopped_at = 0;  // stopped: ns of the steady clock
};

/// Blocks the signals that are passed on in the calling thread. Returns the mask from before.
sigset_t hold_signals();

/// Returns the exit status. In no case is a process of the command left unwatched.
int stand_in_front(channel& keeper, pid_t keeper_id);

}  // namespace app::run
