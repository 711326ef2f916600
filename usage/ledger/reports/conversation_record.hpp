#pragma once

// What the ledger knows about one conversation: its rows, and what the language server and the API reported about it.

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
  std::string name;  // a conversation, or a trajectory of its parent
  usage_totals totals;
};

struct conversation_record {
  std::string id;
  std::string parent;  // empty: it is no sub-agent
  usage_totals totals;
  std::vector<usage_record> rows;  // oldest first; only the latest ones if there are more
  bool has_more = false;           // rows before them
  std::vector<conversation_turn> turns;
  std::vector<server_call> calls;
  std::vector<sub_agent> sub_agents;
};

/// Recorded model calls of one conversation, and those of other conversations whose response the server lists here.
struct conversation_sides {
  std::vector<usage_record> rows;
  std::vector<server_call> calls;
  std::vector<conversation_turn> turns;
  bool truncated = false;  // there are more
};

/// Selects the conversations of language servers to compare: those with a call since `since`, latest first.
struct comparison_query {
  std::int64_t since = 0;  // Unix ms
  std::int64_t limit = 100;
};

}  // namespace usage
