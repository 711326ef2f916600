#pragma once

// The process that the shell waits for. It only passes on signals that were sent to it alone, stops when the command
// stops, and ends with the command's status.

#include <csignal>
#include <cstdint>

#include <sys/types.h>

#include "app/run/channel.hpp"

namespace app::run {

/// Sent by the front: a signal for the command.
struct signal_order {
  int number = 0;
};

/// Sent by the keeper.
struct keeper_word {
  enum class kind_of : std::uint8_t { finished, stopped };

  kind_of kind = kind_of::finished;
  std::uint8_t status = 0;      // finished: the exit status
  bool keeper_stays = false;    // finished: processes of the tree still run
  std::int64_t stopped_at = 0;  // stopped: ns of the steady clock
};

/// Blocks, in the calling thread, the signals that the front passes on. Returns the previous mask.
sigset_t hold_signals();

/// Returns the exit status. It never leaves a process of the command unwatched.
int stand_in_front(channel& keeper, pid_t keeper_id);

}  // namespace app::run
