#pragma once

// Turns the changes of a CascadeState into the events of one turn. Pure: owned state in, events out. Driven by
// update_stream, one reducer per turn; re-subscription snapshots and late flushes repeat nothing.
//
// The end: run status IDLE, fully_idle where the build was seen to send it, no step waiting, and the last reply step
// finished. IDLE alone may come before the last text. awaits_late_flush() is true then, and the driver reads the steps
// again a few times and finally calls end_now().

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cascade/core/changes.hpp"
#include "cascade/core/event.hpp"
#include "cascade/core/step_kind.hpp"
#include "cascade/core/text_patch.hpp"
#include "cascade/core/turn_end.hpp"
#include "cascade/core/turn_usage.hpp"
#include "proto/jetski_cortex.pb.h"

namespace cascade {

class step_reducer {
 public:
  using state_type = exa::jetski_cortex_pb::CascadeState;

  /// `first_step`: index of the first step of this turn (the user's input), i.e. how many steps there were before it.
  explicit step_reducer(std::uint32_t first_step) : first_step_(first_step), usage_(first_step) {}

  /// `what` comes from the cascade_view that holds `state`, or is changes::all(). Events come in this order: texts and
  /// tools in the order of the update's steps, then usage, then the end. There are none after the end.
  std::span<const event> apply(const state_type& state, const changes& what);

  /// The server says idle, but the last reply is not marked finished.
  bool awaits_late_flush() const { return awaits_late_flush_; }

  /// Gives up waiting for a late flush: ends the turn with what is there.
  std::span<const event> end_now(const state_type& state);

  bool ended() const { return ended_; }

  /// Walks the turn's steps. The turn's texts are kept a second time, to know what was passed on.
  std::size_t bytes_held() const;

 private:
  struct tracked_step {
    text_patch text;
    text_patch reasoning;
    std::string name;  // of a tool
    step_kind kind = step_kind::other;
    step_status status = step_status::unknown;
  };

  void follow_length(const state_type& state);
  void follow_step(const state_type& state, step_change change);
  void follow_reply(const gemini_coder::Step& step, step_change change, tracked_step& known);
  void follow_tool(const gemini_coder::Step& step, std::uint32_t index, tracked_step& known);
  void follow_status(const state_type& state);
  void tell_waiting(const state_type& state, std::uint32_t index);
  void drop_last_step();
  void find_last_reply();
  void end(const state_type& state);
  turn_scope scope() const;

  std::uint32_t first_step_;
  std::vector<tracked_step> steps_;  // from first_step_ on
  std::vector<event> events_;
  turn_usage usage_;
  std::string execution_id_;    // of this turn, once a step has it
  std::size_t last_reply_ = 0;  // 1 + the place in steps_ of the last reply or error step; 0: none
  std::size_t waiting_ = 0;     // steps that wait for the user
  bool ran_ = false;            // the run was seen busy within this turn
  bool sends_fully_idle_ = false;
  bool awaits_late_flush_ = false;
  bool ended_ = false;
};

}  // namespace cascade
