#pragma once

// The ways to follow a cascade, best first, and what a refusal means. Builds differ: one release switched the reactive
// streams off, another added the agent-state stream. A server process never changes what it offers, so its owner keeps
// one stream_kind_memory with its address.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cascade/rpc/rpc_error.hpp"

namespace cascade {

enum class stream_kind : std::uint8_t {
  reactive,     // StreamCascadeReactiveUpdates: diffs
  agent_state,  // StreamAgentStateUpdates: whole steps
  polling,      // GetCascadeTrajectory and its kin, on a timer: only where nothing is pushed
};

std::string_view to_string(stream_kind kind);

/// The next worse kind if `failure` says that the server does not offer `kind`, else nullopt.
std::optional<stream_kind> kind_after(stream_kind kind, const rpc_failure& failure);

/// From any thread.
class stream_kind_memory {
 public:
  stream_kind current() const { return kind_.load(); }
  /// Never back to a better kind.
  void refused_down_to(stream_kind kind);

 private:
  std::atomic<stream_kind> kind_ = stream_kind::reactive;
};

}  // namespace cascade
