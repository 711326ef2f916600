#pragma once

// What the language server says of its own calls, and the API of its turns. Kept beside the rows that the wire gave, to
// be compared with them; never added to them.

#include <cstdint>
#include <optional>
#include <string>

#include "usage/token_usage.hpp"

namespace usage {

/// A model call that the language server lists. It is told apart by its response id or, an attempt that was refused, by
/// its trace; told again, the larger counts are the later ones.
struct server_call {
  std::string conversation;
  std::string response_id;
  std::string trace_id;  // hex as the wire has it, without 0x
  std::string trajectory_id;
  std::string request_id;  // of the API request whose turn it belongs to; empty: not known
  std::string model;       // served
  bool failed_attempt = false;
  token_usage tokens;
  std::int64_t reported_at = 0;  // Unix ms
};

/// A turn that an API request began. Told at its begin, and whole at its end.
struct conversation_turn {
  std::string conversation;
  std::string request_id;
  std::int64_t first_step = 0;
  std::int64_t began_at = 0;  // Unix ms
  std::optional<std::int64_t> ended_at;
  std::optional<std::int64_t> first_token_ms;
  std::string outcome;  // empty while it goes on
};

/// A sub-agent and who sent it.
struct conversation_parent {
  std::string child;
  std::string parent;
  std::int64_t found_at = 0;  // Unix ms
};

}  // namespace usage
