#pragma once

// What a trajectory says of its model calls, in the words of the ledger: every call that it lists, attempts that were
// refused, and the sub-agents in it. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/turns/cascade_evidence.hpp"
#include "proto/gemini_coder.pb.h"
#include "usage/server_call.hpp"

namespace app {

struct named_trajectory {
  std::string trajectory;
  std::string cascade;
};

struct sub_agent_link {
  std::string child;   // a cascade, or a trajectory that has none of its own
  std::string parent;  // cascade
  bool is_cascade = true;
};

struct listed_call {
  usage::server_call call;
  std::int64_t made_at = 0;  // Unix ms, to the second; 0: not told
};

struct trajectory_calls {
  std::vector<named_trajectory> trajectories;
  std::vector<listed_call> calls;  // some may be there twice
  std::vector<sub_agent_link> sub_agents;
};

/// Leaves out calls that made steps before `first_step`, and calls of sub-agents in those steps. 0: leaves out nothing.
trajectory_calls calls_of(const gemini_coder::Trajectory& trajectory, turn_of turn, std::uint32_t first_step);

/// The calls of one event; empty if it reports none.
std::vector<usage::server_call> calls_of(const cascade::event& event, turn_of turn);

}  // namespace app
