#pragma once

// The events of a turn: what the reducer passes to everyone who renders one. Strings are views into the reducer or the
// state it was given, and are valid until the next apply() of either.

#include <cstdint>
#include <string_view>
#include <variant>

namespace cascade {

/// More of the reply of step `step`: whole code points, to be appended.
struct text_delta {
  std::uint32_t step = 0;
  std::string_view text{};
};

/// The reply of step `step` was rewritten: `text` replaces everything that came before. Empty: the step is gone.
struct text_rewritten {
  std::uint32_t step = 0;
  std::string_view text{};
};

struct reasoning_delta {
  std::uint32_t step = 0;
  std::string_view text{};
};

struct reasoning_rewritten {
  std::uint32_t step = 0;
  std::string_view text{};
};

enum class step_status : std::uint8_t {
  unknown,  // not given, or a value of a newer build
  pending,  // also queued
  running,  // also generating
  waiting,
  done,
  canceled,  // also cleared, interrupted, invalid
  error
};

/// A tool step is new or changed its status or name. Arguments are complete once the status is beyond running.
struct tool_step {
  std::uint32_t step = 0;
  std::string_view call_id{};
  std::string_view name{};       // as the model called it, else the step's type in lower case
  std::string_view arguments{};  // JSON
  step_status status = step_status::unknown;
};

enum class interaction_kind : std::uint8_t { unknown, run_command, file_permission, read_url_content, mcp, browser };

/// A step waits for the user. Sent once each time that it begins to wait. The turn stands still until it is answered.
struct waiting {
  std::uint32_t step = 0;
  std::string_view trajectory_id{};
  interaction_kind kind = interaction_kind::unknown;
  bool requested = false;        // the server said what it asks for (requested_interaction)
  std::string_view name{};       // of the tool
  std::string_view arguments{};  // JSON
};

/// Tokens of one model call. Sent again with the same id when the counts have grown; the new counts replace the old.
struct token_usage {
  std::string_view response_id{};     // the provider's; empty if the build sends none
  std::string_view response_model{};  // the served model's name, if known
  std::uint32_t model = 0;            // the requested model's number
  std::uint64_t input = 0;            // without cached input
  std::uint64_t cache_read = 0;
  std::uint64_t cache_write = 0;
  std::uint64_t output = 0;  // reasoning included
  std::uint64_t reasoning = 0;
  bool failed_attempt = false;  // of a retried call
  bool revised = false;         // sent before
};

enum class finish_reason : std::uint8_t { stop, length, max_invocations, canceled, content_filter };

/// The turn is over; nothing follows.
struct finished {
  finish_reason reason = finish_reason::stop;
};

/// The turn ended in an error; nothing follows.
struct failed {
  std::uint32_t step = 0;
  std::uint32_t code = 0;           // an HTTP status where one is known, else 0
  std::string_view short_error{};   // such as "RESOURCE_EXHAUSTED (code 429): …"
  std::string_view user_message{};  // meant to be shown
  std::string_view trace_id{};      // hex, without 0x, not zero padded: equals the provider's trace header
};

using event = std::variant<text_delta, text_rewritten, reasoning_delta, reasoning_rewritten, tool_step, waiting,
                           token_usage, finished, failed>;

}  // namespace cascade
