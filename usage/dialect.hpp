#pragma once

// How each provider's API names what is accounted: where its usage objects lie, what their members are called, and how
// its counters become the normal form. A dialect is a table; everything else about answers is the same for all of them
// (answer_members). A likeness of a known API is an entry in one of the tables, and a golden vector.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "usage/json/json_paths.hpp"
#include "usage/token_usage.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// Tags of the paths. The counters come first.
enum class member : std::uint8_t {
  input,
  tool_input,
  cached,
  cache_write,
  cache_write_5m,
  cache_write_1h,
  output,
  thinking,
  total,
  audio_input,
  image_input,
  audio_output,
  image_output,
  web_searches,
  web_fetches,
  audio_seconds,  // kept in ms
  cost,           // kept in 10⁻⁹
  cost_ticks,     // 10⁻¹⁰ of a dollar
  input_part,     // one of several, which are added
  usage,          // a usage object, verbatim
  tool_usage,     // … of a tool of the provider with a model of its own
  model,
  tool_model,
  id,
  answer_status,  // of a response that is stored: queued, in_progress, completed …
  service_tier,
  traffic_type,  // Google's older word for it
  speed,
  region,
  type,
  error,
  error_code,
  error_type,
  error_status,
  error_reason,
  retry_delay,
  event_code,  // a code beside {"type":"error"}; means nothing elsewhere
};

inline constexpr std::size_t counter_count = static_cast<std::size_t>(member::input_part) + 1;

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
  std::uint8_t flags = 0;  // usage_flag
};

/// A call that another one's answer tells of, with a model of its own: the image tool, an advisor.
struct side_call {
  std::string kind;  // as usage_record::request_kind
  std::string model;
  normal_form used;
  std::string raw_usage;
};

/// What a usage object tells beside its counters.
struct usage_details {
  std::string served_model;  // empty: the one that the answer names
  std::vector<side_call> sides;
};

/// A field of the answer's head that counts tokens.
struct header_count {
  std::string_view name;
  member which;
};

struct dialect {
  std::string_view name;  // as in docs/shapes.md
  usage::provider family = provider::unknown;
  json_paths paths;                                      // of whole answers and events
  json_paths objects;                                    // of a usage object by itself, as raw_usage keeps it
  normal_form (*normalise)(const counters&) = nullptr;   // of counters that are any()
  bool (*ends_stream)(std::string_view type) = nullptr;  // nullptr: events have no type
  void (*look_closer)(std::string_view raw_usage, normal_form&, usage_details&) = nullptr;  // at parts of the object
  std::span<const header_count> headers = {};                                               // which the body overrules
  bool adds_up = false;  // each usage object is of another call, which are added up by model
};

/// Of calls of no known shape, only errors are read.
const dialect& errors_only();

// One file for each family.
const dialect& openai_chat_dialect();
const dialect& openai_plain_dialect();  // completions without a chat, embeddings
const dialect& openai_responses_dialect();
const dialect& openai_events_dialect();  // the same API, as messages of a WebSocket
const dialect& openai_media_dialect();   // images and audio
const dialect& openai_batch_dialect();   // a batch's file of answers, JSONL
const dialect& openai_realtime_dialect();
const dialect& anthropic_dialect();
const dialect& anthropic_batch_dialect();
const dialect& google_dialect();
const dialect& google_interactions_dialect();
const dialect& google_live_dialect();  // messages of a WebSocket
const dialect& bedrock_dialect();

/// In which the provider's main API answers; nullptr: there is none.
const dialect* main_dialect(provider who);

constexpr std::uint8_t tag(member which) {
  return static_cast<std::uint8_t>(which);
}

/// Adds the members `usage` of a usage object at `place`, and the object itself.
void add_usage(json_paths& paths, std::string_view place, std::span<const json_path> usage);

/// `usage` at each of `places`, and `document`.
json_paths usage_paths(std::initializer_list<std::string_view> places, std::span<const json_path> usage,
                       std::span<const json_path> document);
/// The same and error_paths.
json_paths answer_paths(std::initializer_list<std::string_view> places, std::span<const json_path> usage,
                        std::span<const json_path> document);

/// Sets input_uncached for a provider whose prompt tokens include cached ones. Set the cache counts before.
void take_prompt(normal_form& form, std::int64_t prompt);

/// The parts that mean the same everywhere.
void take_parts(normal_form& form, const counters& seen);

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
