#pragma once

// What the language server reports of its own calls, and the API of its turns. It is stored beside the rows from the
// wire for comparison, and never added to them.

#include <cstdint>
#include <optional>
#include <string>

#include "usage/token_usage.hpp"

namespace usage {

/// A model call that the language server lists, identified by its response id or, if the attempt was refused, by its
/// trace. If it is reported again, the larger counts are the later ones.
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

/// A turn that an API request began. Reported at its start, and complete at its end.
struct conversation_turn {
  std::string conversation;
  std::string request_id;
  std::int64_t first_step = 0;
  std::int64_t began_at = 0;  // Unix ms
  std::optional<std::int64_t> ended_at;
  std::optional<std::int64_t> first_token_ms;
  std::string outcome;  // empty while it goes on
};

/// A sub-agent and its parent.
struct conversation_parent {
  std::string child;
  std::string parent;
  std::int64_t found_at = 0;  // Unix ms
};

}  // namespace usage
