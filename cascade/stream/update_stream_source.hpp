#pragma once

// Where an update_stream gets its updates: one subscription to a push stream, or polling. Each pull waits for one
// update, applies it to the view and returns what changed.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "cascade/core/cascade_view.hpp"
#include "cascade/rpc/client.hpp"
#include "cascade/rpc/limits.hpp"
#include "cascade/stream/update_stream_kind.hpp"

namespace cascade {

class update_source {
 public:
  virtual ~update_source() = default;

  /// Failures: eof when the server ended the subscription with OK, those of the call, and of category cascade when the
  /// view refused the update. The changes are valid until the view's next apply().
  virtual asio::awaitable<rpc_result<changes>> next(cascade_view& view) = 0;

  /// The last update made an event.
  virtual void useful() {}

  /// Ends a next() under way that could wait without a limit.
  virtual void interrupt() {}

  /// Cancels and awaits the call.
  virtual asio::awaitable<void> close() = 0;
};

/// A new subscription. `server` must outlive it; steps before `first_step` are not asked for where there is a choice.
std::unique_ptr<update_source> subscribe(stream_kind kind, client& server, const std::string& cascade_id,
                                         std::uint32_t first_step, const poll_limits& limits);

}  // namespace cascade
