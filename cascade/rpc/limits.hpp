#pragma once

// The limits of following a cascade and of running turns. Plain values: who configures them need not see gRPC.

#include <chrono>
#include <cstddef>

#include "cascade/core/limits.hpp"

namespace cascade {

struct poll_limits {
  std::chrono::milliseconds busy = std::chrono::milliseconds(300);  // between polls while something changes
  std::chrono::milliseconds quiet = std::chrono::seconds(2);        // approached while nothing does
  double slow_down = 1.5;                                           // from one quiet poll to the next
};

struct update_stream_limits {
  unsigned subscriptions_at_once = 3;    // repeated without a pause while none of them brings an event
  unsigned refused_updates_at_most = 8;  // subscriptions in a row that the view broke off without an event before it
  std::chrono::milliseconds pause_first = std::chrono::milliseconds(250);
  std::chrono::milliseconds pause_most = std::chrono::seconds(5);
  // IDLE may come before the last text. The steps are then read again, immediately and up to this many times.
  unsigned late_reads = 8;
  std::chrono::milliseconds late_read_every = std::chrono::milliseconds(300);
  poll_limits poll;
  view_limits view;
};

struct turn_limits {
  std::chrono::milliseconds quiet = std::chrono::minutes(1);        // without an event until the server is asked
  std::chrono::milliseconds quiet_most = std::chrono::minutes(15);  // … until the turn is given up
  update_stream_limits updates;
};

struct dispatcher_limits {
  std::size_t turns = 64;                                    // at once
  std::size_t waiting = 1024;                                // turns; further ones are refused
  std::chrono::milliseconds wait = std::chrono::minutes(1);  // for a place
};

}  // namespace cascade
