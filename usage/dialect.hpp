#pragma once

// How each provider names the accounted members: a table of paths for the scanner, the conversion of its counters to
// the normal form, and its final event. Everything else about answers is the same for all providers (answer_members).

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "usage/json/json_paths.hpp"
#include "usage/token_usage.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// Tags of the paths below. The counters come first.
enum class member : std::uint8_t {
  input,
  tool_input,
  cached,
  cache_write,
  output,
  thinking,
  total,
  usage_start,
  usage_latest,  // verbatim objects: one that opens a stream, and the one that is repeated
  model,
  id,
  answer_status,  // of a response that is stored: queued, in_progress, completed …
  type,
  error,
  error_code,
  error_type,
  error_status,
  error_reason,
  retry_delay,
  event_code,  // a code beside {"type":"error"}; means nothing elsewhere
};

inline constexpr std::size_t counter_count = static_cast<std::size_t>(member::total) + 1;

/// The last value seen of each counter.
class counters {
 public:
  std::optional<std::int64_t>& operator[](member which) { return values_[static_cast<std::size_t>(which)]; }
  const std::optional<std::int64_t>& operator[](member which) const { return values_[static_cast<std::size_t>(which)]; }
  bool any() const;

 private:
  std::array<std::optional<std::int64_t>, counter_count> values_{};
};

struct normal_form {
  token_usage tokens;
  bool consistent = true;  // false: more tokens were read from the cache than there are; the difference counts as 0
};

struct dialect {
  json_paths paths;
  normal_form (*normalise)(const counters&);  // of counters that are any()
  /// Whether an event of that type is the last that matters; nullptr if the provider's events have no type.
  bool (*ends_stream)(std::string_view type);
};

/// Of calls that are no model calls, only errors are read.
const dialect& dialect_of(provider who, call_kind kind);

// One file each.
const dialect& google_dialect();
const dialect& openai_chat_dialect();
const dialect& openai_responses_dialect();
const dialect& anthropic_dialect();

constexpr std::uint8_t tag(member which) {
  return static_cast<std::uint8_t>(which);
}

/// Sets input_uncached for a provider whose prompt tokens include cached ones. Set the cache counts before.
void take_prompt(normal_form& form, std::int64_t prompt);

/// `own` followed by error_paths.
json_paths with_errors(std::initializer_list<json_path> own);
/// The same behind paths that several dialects share.
json_paths with_errors(std::span<const json_path> shared, std::initializer_list<json_path> own);

/// The members of an event of OpenAI's Responses API, over HTTP and over a WebSocket.
inline constexpr std::array responses_event_paths{
    json_path{"type", tag(member::type)},
    json_path{"code", tag(member::event_code)},
    json_path{"response.usage", tag(member::usage_latest), selection::verbatim},
    json_path{"response.usage.input_tokens", tag(member::input)},
    json_path{"response.usage.input_tokens_details.cached_tokens", tag(member::cached)},
    json_path{"response.usage.input_tokens_details.cache_write_tokens", tag(member::cache_write)},
    json_path{"response.usage.output_tokens", tag(member::output)},
    json_path{"response.usage.output_tokens_details.reasoning_tokens", tag(member::thinking)},
    json_path{"response.usage.total_tokens", tag(member::total)},
    json_path{"response.model", tag(member::model)},
    json_path{"response.id", tag(member::id)},
    json_path{"response.status", tag(member::answer_status)},
    json_path{"response.error.code", tag(member::error_code)},
    json_path{"response.error.type", tag(member::error_type)},
};

/// The members of an error, which all providers share in some form.
inline constexpr std::array error_paths{
    json_path{"error", tag(member::error)},
    json_path{"error", tag(member::error), selection::verbatim},
    json_path{"error.code", tag(member::error_code)},
    json_path{"error.type", tag(member::error_type)},
    json_path{"error.status", tag(member::error_status)},
    json_path{"error.details[*].reason", tag(member::error_reason)},
    json_path{"error.details[*].retryDelay", tag(member::retry_delay)},
};

}  // namespace usage
