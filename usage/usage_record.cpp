#include "usage/usage_record.hpp"

#include <array>
#include <cstddef>

#include "net/text/utf8.hpp"
#include "usage/fetched_answer.hpp"

namespace usage {
namespace {

using namespace std::string_view_literals;

// The words are stored in the ledger: their order follows the enums, their spelling must not change.
constexpr std::array providers{"unknown"sv,   "google"sv, "openai_chat"sv, "openai_responses"sv,
                               "anthropic"sv, "openai"sv, "bedrock"sv};
constexpr std::array call_kinds{"model"sv, "count_tokens"sv, "other"sv, "prewarm"sv};
constexpr std::array statuses{"complete"sv, "interrupted"sv, "error"sv, "unreported"sv, "not_read"sv};
constexpr std::array transports{"http/1.1"sv, "h2"sv, "websocket"sv};

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& words, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i)
    if (words[i] == word) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

void usage_record::take_transcript(std::vector<std::uint64_t> links) {
  if (!links.empty()) transcript = static_cast<std::int64_t>(links.back());
  transcript_links = std::move(links);
}

void clear_usage(usage_record& record) {
  record.tokens = {};
  record.facts = {};
  record.usage_flags = 0;
  record.raw_usage.clear();
}

void spent_nothing(usage_record& record) {
  clear_usage(record);
  record.response_id.clear();
  if (record.status == record_status::complete) record.status = record_status::unreported;
  if (is_fetch(record)) record.kind = call_kind::other;
}

void make_printable(usage_record& record) {
  for (std::string* text :
       {&record.method, &record.request_kind, &record.requested_model, &record.served_model, &record.response_id,
        &record.trace_id, &record.conversation, &record.trajectory_id, &record.execution_id, &record.error_reason,
        &record.facts.service_tier, &record.facts.speed, &record.facts.region})
    *text = net::utf8::printable(*text, usage_record::max_name);
}

std::string_view to_string(provider value) {
  return providers.at(static_cast<std::size_t>(value));
}
std::string_view to_string(call_kind value) {
  return call_kinds.at(static_cast<std::size_t>(value));
}
std::string_view to_string(record_status value) {
  return statuses.at(static_cast<std::size_t>(value));
}
std::string_view to_string(transport value) {
  return transports.at(static_cast<std::size_t>(value));
}

std::optional<provider> provider_from(std::string_view word) {
  return value_of<provider>(providers, word);
}
std::optional<call_kind> call_kind_from(std::string_view word) {
  return value_of<call_kind>(call_kinds, word);
}
std::optional<record_status> record_status_from(std::string_view word) {
  return value_of<record_status>(statuses, word);
}
std::optional<transport> transport_from(std::string_view word) {
  return value_of<transport>(transports, word);
}

}  // namespace usage
