#pragma once

// One row of the ledger: everything that is kept of one provider exchange. No prompt, answer or credential is in it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "usage/token_usage.hpp"

namespace usage {

/// The API that is spoken, whoever answers it.
enum class provider : std::uint8_t {
  unknown,
  google,
  openai_chat,
  openai_responses,
  anthropic,
  openai,   // its other calls: embeddings, images, audio, completions without a chat, batches
  bedrock,  // InvokeModel and Converse
};
inline constexpr std::size_t provider_count = static_cast<std::size_t>(provider::bedrock) + 1;

/// What the exchange is for. Only model calls count as usage; the rest are requests of their own kind.
enum class call_kind : std::uint8_t {
  model,
  count_tokens,
  other,
  prewarm,  // prepares a model call and generates nothing: its row shows its tokens, no sum includes them
};

enum class record_status : std::uint8_t {
  complete,     // the whole answer was seen and reported usage
  interrupted,  // cut by either side: the usage, if any, is a lower bound
  error,        // the provider (or we, for an origin out of reach) answered with an error
  unreported,   // a whole answer without usage
  not_read,     // an answer that could not be decoded: error_reason names the limit, or its coding
};

/// How the exchange was carried. HTTP/1.0 is http1.
enum class transport : std::uint8_t {
  http1,
  h2,
  websocket,  // one turn of it, over either version of HTTP
};

struct usage_record {
  static constexpr std::size_t max_path = 1024;  // bytes kept of the path
  static constexpr std::size_t max_name = 512;   // … and of each text that a peer chose

  std::int64_t id = 0;                        // given by the ledger
  std::int64_t started_at = 0;                // Unix ms, when the request head was seen
  std::optional<std::int64_t> first_byte_ms;  // from there to the response head
  std::optional<std::int64_t> duration_ms;    // from there to the end

  std::string host;  // lower case
  std::string method;
  std::string path;                                                     // without the query
  std::optional<usage::transport> transport = usage::transport::http1;  // nullopt: not known (an older ledger's row)
  usage::provider provider = provider::unknown;
  call_kind kind = call_kind::other;
  std::string request_kind;  // agent, checkpoint, tab, image_gen, fetch, embedding …; empty if the request did not say
  record_status status = record_status::unreported;
  unsigned http_status = 0;  // 0: no response head was seen
  bool streamed = false;     // the answer was an event stream or a JSON array of events

  std::string requested_model;  // empty if the request named none
  std::string served_model;     // empty if the answer named none
  std::string response_id;      // the provider's id of the answer, which may repeat
  std::string trace_id;         // x-cloudaicompanion-trace-id, or the provider's request id header
  std::string conversation;     // empty: unattributed
  std::string attributed_by;    // the rule (usage/attribution.hpp, attribution_core); empty if unattributed
  std::string trajectory_id;
  std::string execution_id;          // labels.last_execution_id
  std::optional<std::int64_t> step;  // <n> of requestId
  int attempt = 0;                   // of logical_request, else x-stainless-retry-count; 0 for the first

  std::string error_reason;                    // QUOTA_EXHAUSTED, overloaded_error, upstream_unreachable …
  std::optional<std::int64_t> retry_delay_ms;  // as the provider asked

  // Who made the connection, as this machine knows it.
  std::optional<std::int64_t> pid;
  std::optional<std::int64_t> uid;
  std::string executable;  // path; empty if it could not be found
  std::string cgroup;      // path in the hierarchy of version 2; empty if it could not be found

  // What the user's rules did to the request: names and places, never its content.
  std::string rules;    // those that changed it, ", " between; empty: none
  std::string rewrite;  // what they changed, or why they could not

  token_usage tokens;
  billing_facts facts;
  std::uint8_t usage_flags = 0;  // usage_flag
  std::string raw_usage;         // the provider's usage object, verbatim JSON; several are joined in a JSON array

  std::int64_t request_bytes = 0;  // body bytes, dechunked, as sent
  std::int64_t response_bytes = 0;

  std::int64_t row_key = 0;                   // by which it can be placed later; 0: never
  std::optional<std::int64_t> attributed_at;  // Unix ms of the evidence
  std::uint8_t attribution_flags = 0;         // placement_flag
  std::string claimed_conversation;           // what the row itself says, if that was not used
  std::string logical_request;                // the request of which this is an attempt; empty: not known
  std::optional<std::int64_t> corrected_at;   // Unix ms; by the ledger, if it has booked the row anew

  /// The keyed hash of the whole transcript that the request sent; nullopt: not known, or other evidence made it
  /// needless.
  std::optional<std::int64_t> transcript;

  // For the placing of the row; the ledger does not keep them.
  std::vector<std::uint64_t> transcript_links;  // hashes of the transcript up to each message (transcript_hasher)
  std::optional<std::int64_t> process_started;  // in clock ticks since the machine's start

  void take_transcript(std::vector<std::uint64_t> links);
};

/// Nothing is known of what the call has used.
void clear_usage(usage_record& record);

/// The answer was made on this machine: whatever usage it reports was not spent.
void spent_nothing(usage_record& record);

/// Makes the texts that a peer chose printable, and cuts them after max_name bytes.
void make_printable(usage_record& record);

std::string_view to_string(provider);
std::string_view to_string(call_kind);
std::string_view to_string(record_status);
std::string_view to_string(transport);
std::optional<provider> provider_from(std::string_view);
std::optional<call_kind> call_kind_from(std::string_view);
std::optional<record_status> record_status_from(std::string_view);
std::optional<transport> transport_from(std::string_view);

}  // namespace usage
