#pragma once

// Compares the rows from the wire with the calls that the language server lists. Pure: rows and calls of one
// conversation go in, named differences come out. Calls are joined by response id, refused attempts by trace; each call
// with one row, also where answers repeat their ids.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "usage/server_call.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// Why the two ends differ. The causes up to `unfinished_turn` are explained; the rest are faults.
enum class difference_cause : std::uint8_t {
  interrupted,         // the stream was cut: the wire has a lower bound, or the server never heard of the answer
  cached_split,        // the same input, divided otherwise into cached and not
  thinking_split,      // the same output, divided otherwise into thinking and answer
  unreported,          // the answer on the wire held no usage
  background,          // a call of the server's own, which it lists nowhere
  retried,             // an attempt that the server counts, and the wire shows without an answer
  refused,             // an attempt without tokens that the server does not list
  unfinished_turn,     // the turn was cancelled, left or failed: the server drops an answer that comes then
  not_listed,          // on the wire, of an agent, and the server does not list it
  not_intercepted,     // listed, and never seen on the wire
  other_conversation,  // the row is in another conversation
  unexplained,         // different numbers for one answer
};

std::string_view to_string(difference_cause cause);
constexpr bool explained(difference_cause cause) {
  return cause <= difference_cause::unfinished_turn;
}

/// Tokens with "not reported" as 0.
struct token_sums {
  std::int64_t input_uncached = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_write = 0;
  std::int64_t output = 0;
  std::int64_t thinking = 0;

  token_sums& operator+=(const token_usage& tokens);
  std::int64_t input() const { return input_uncached + cache_read + cache_write; }
  bool operator==(const token_sums&) const = default;
};

struct call_difference {
  difference_cause cause = difference_cause::unexplained;
  std::int64_t row = 0;  // exchange id; 0: only the server has it
  std::string response_id;
  std::string trace_id;
  std::string model;
  std::string conversation;  // of the row
  std::optional<token_usage> wire;
  std::optional<token_usage> server;
};

struct reconciliation {
  std::string conversation;
  token_sums wire;
  token_sums server;
  std::size_t wire_calls = 0;
  std::size_t server_calls = 0;
  std::size_t matched = 0;  // calls that both ends have, with the same tokens
  std::vector<call_difference> differences;

  /// The number of faults. A conversation of which the server lists no call has none, since there is nothing to
  /// compare.
  std::size_t unexplained() const;
  /// False: the server lists calls with answers, but none of them was intercepted.
  bool intercepted = true;
  bool listed() const { return server_calls != 0; }
  bool reconciled() const { return unexplained() == 0; }
};

struct both_sides {
  /// Model calls of the conversation, and those of other conversations that have the response id of a call.
  std::span<const usage_record> rows;
  std::span<const server_call> calls;
  std::span<const conversation_turn> turns;
};

reconciliation reconcile(std::string conversation, const both_sides& sides);

}  // namespace usage
