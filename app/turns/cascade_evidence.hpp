#pragma once

// Receives reports of a turn, so that attribution can find the rows of its model calls. attribution_service implements
// it; live_turn calls it from any strand. Calls are short, take no lock that is held during I/O, and may come late,
// twice or never.
//
//   evidence.on_turn_begin({.cascade_id = id, .request_id = request, .first_step = steps_before, .at = now});
//   while (auto events = co_await updates.next()) evidence.on_update({id, request}, *events, updates.view().state());
//   evidence.on_turn_end({.cascade_id = id, .request_id = request, .at = now, .outcome = "stop"});

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cascade/core/event.hpp"
#include "proto/jetski_cortex.pb.h"

namespace app {

struct turn_begin {
  std::string cascade_id;
  std::string request_id;        // x-request-id of the API request that began it
  std::uint32_t first_step = 0;  // how many steps the cascade had before
  std::int64_t at = 0;           // Unix ms
};

struct turn_outcome {
  std::string cascade_id;
  std::string request_id;
  std::int64_t at = 0;                         // Unix ms
  std::optional<std::int64_t> first_token_ms;  // from the beginning to the first text or reasoning, if any came
  std::string outcome;                         // stop, length, canceled, failed, abandoned …
};

/// Identifies a turn. `request_id` is empty for a cascade that was only observed.
struct turn_of {
  std::string_view cascade_id;
  std::string_view request_id;
};

class cascade_evidence {
 public:
  /// Call this before the message is sent, so that the turn is known when its first model call ends.
  virtual void on_turn_begin(const turn_begin& turn) = 0;

  /// Call this after each batch of events. Text events cost nothing. At the turn's end it reads trajectories,
  /// sub-agents and refused attempts from the state.
  virtual void on_update(turn_of turn, std::span<const cascade::event> events,
                         const exa::jetski_cortex_pb::CascadeState& state) = 0;

  /// Call this however the turn ended, also after an error of the stream.
  virtual void on_turn_end(const turn_outcome& turn) = 0;

 protected:
  ~cascade_evidence() = default;
};

}  // namespace app
