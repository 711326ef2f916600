#pragma once

// A snapshot of the supervisor for /readyz and /metrics, and the server that requests talk to.

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "cascade/rpc/channel.hpp"

namespace cascade {

enum class supervisor_phase : std::uint8_t {
  none,         // no language server is configured
  stopped,      // not started yet, or stopped
  starting,     // being started or looked for; has not answered a heartbeat
  ready,        // answers
  backing_off,  // failed; the next attempt is at retry_at, once that is known
  failed,       // cannot work as configured
};

std::string_view to_string(supervisor_phase phase);

struct supervisor_state {
  supervisor_phase phase = supervisor_phase::stopped;
  std::chrono::steady_clock::time_point since;  // in this phase
  std::string reason;                           // of backing_off and failed; of the last failure otherwise
  pid_t pid = 0;                                // of starting and ready, if known
  std::string target;                           // of ready: host:port
  std::uint64_t generation = 0;                 // attempts; each server process has its own number
  std::uint64_t restarts = 0;                   // attempts that followed the end of a server that had been ready
  unsigned failures = 0;                        // in a row
  std::uint64_t provider_retries = 0;           // found in the servers' logs
  std::uint64_t dropped_log_lines = 0;
  std::string stream_kind;                                        // of this generation, as its clients found out
  std::optional<std::chrono::steady_clock::time_point> retry_at;  // of backing_off: for retry-after
};

/// A server process that was ready. What is known of it holds until `lost`.
struct running_server {
  server_address address;
  std::uint64_t generation = 0;
  /// Stop is requested when this server is gone, for any reason. Callbacks run on the supervisor's strand and may only
  /// post to their own.
  std::stop_token lost;
};

}  // namespace cascade
