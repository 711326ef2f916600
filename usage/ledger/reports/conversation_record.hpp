#pragma once

// What the ledger has of one conversation: its rows, and what the language server and the API told of it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "usage/ledger/usage_totals.hpp"
#include "usage/server_call.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// Turns, server calls and sub-agents of one answer, each.
inline constexpr std::int64_t max_conversation_parts = 1000;

struct sub_agent {
  std::string name;  // a conversation, or a trajectory of its parent's
  usage_totals totals;
};

struct conversation_record {
  std::string id;
  std::string parent;  // empty: nobody's sub-agent
  usage_totals totals;
  std::vector<usage_record> rows;  // oldest first; the latest ones if there are more
  bool has_more = false;           // rows before them
  std::vector<conversation_turn> turns;
  std::vector<server_call> calls;
  std::vector<sub_agent> sub_agents;
};

/// Model calls on the wire of one conversation, and of others that carry an answer which the server lists here.
struct conversation_sides {
  std::vector<usage_record> rows;
  std::vector<server_call> calls;
  std::vector<conversation_turn> turns;
  bool truncated = false;  // there are more
};

/// Which conversations of language servers are to be compared: those with a call since then, the latest first.
struct comparison_query {
  std::int64_t since = 0;  // Unix ms
  std::int64_t limit = 100;
};

}  // namespace usage
