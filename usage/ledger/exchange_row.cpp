#include "usage/ledger/exchange_row.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace usage {
namespace {

// In the order of insert_exchange and read_exchange.
const std::string columns =
    "started_at, first_byte_ms, duration_ms, host, method, path, provider, kind, request_kind, status, http_status, "
    "streamed, requested_model, served_model, response_id, trace_id, conversation, attributed_by, trajectory_id, "
    "execution_id, step, attempt, error_reason, retry_delay_ms, input_uncached, cache_read, cache_write, output_total, "
    "thinking, raw_usage, request_bytes, response_bytes, row_key, attributed_at, attribution_flags, "
    "claimed_conversation, logical_request, pid, uid, executable, cgroup, rules, rewrite, transport, cache_write_1h, "
    "audio_input, image_input, audio_output, image_output, service_tier, speed, region, web_searches, web_fetches, "
    "audio_ms, provider_cost, usage_flags, transcript";

const std::string insert_sql =
    "INSERT INTO exchanges (" + columns +
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, "
    "?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, nullif(?33, 0), ?34, ?35, ?36, ?37, ?38, "
    "?39, ?40, ?41, ?42, ?43, ?44, ?45, ?46, ?47, ?48, ?49, ?50, ?51, ?52, ?53, ?54, ?55, ?56, ?57, ?58) "
    "ON CONFLICT DO NOTHING";

const std::string select_sql = "SELECT id, " + columns + " FROM exchanges";

constexpr std::string_view usage_sql =
    "UPDATE exchanges SET kind = ?2, status = ?3, input_uncached = ?4, cache_read = ?5, cache_write = ?6, "
    "output_total = ?7, thinking = ?8, raw_usage = ?9, served_model = ?10, cache_write_1h = ?11, audio_input = ?12, "
    "image_input = ?13, audio_output = ?14, image_output = ?15, service_tier = ?16, speed = ?17, region = ?18, "
    "web_searches = ?19, web_fetches = ?20, audio_ms = ?21, provider_cost = ?22, usage_flags = ?23 "
    "WHERE id = ?1";

std::optional<std::int64_t> booked(const std::optional<std::int64_t>& tokens) {
  if (!tokens) return tokens;
  return std::clamp<std::int64_t>(*tokens, 0, max_booked_tokens);
}

}  // namespace

bool insert_exchange(sqlite_connection& connection, const usage_record& r) {
  connection.prepared(insert_sql)
      .with(r.started_at, r.first_byte_ms, r.duration_ms, r.host, r.method, r.path, to_string(r.provider),
            to_string(r.kind), r.request_kind, to_string(r.status), r.http_status, r.streamed, r.requested_model,
            r.served_model, r.response_id, r.trace_id, r.conversation, r.attributed_by, r.trajectory_id, r.execution_id,
            r.step, r.attempt, r.error_reason, r.retry_delay_ms, booked(r.tokens.input_uncached),
            booked(r.tokens.cache_read), booked(r.tokens.cache_write), booked(r.tokens.output_total),
            booked(r.tokens.thinking), r.raw_usage, r.request_bytes, r.response_bytes, r.row_key, r.attributed_at,
            r.attribution_flags, r.claimed_conversation, r.logical_request, r.pid, r.uid, r.executable, r.cgroup,
            r.rules, r.rewrite, r.transport ? to_string(*r.transport) : std::string_view(),
            booked(r.tokens.cache_write_1h), booked(r.tokens.audio_input), booked(r.tokens.image_input),
            booked(r.tokens.audio_output), booked(r.tokens.image_output), r.facts.service_tier, r.facts.speed,
            r.facts.region, booked(r.facts.web_searches), booked(r.facts.web_fetches), r.facts.audio_ms,
            booked(r.facts.provider_cost), r.usage_flags, r.transcript)
      .run();
  return connection.changes() != 0;
}

void update_usage(sqlite_connection& connection, const usage_record& r) {
  connection.prepared(usage_sql)
      .with(r.id, to_string(r.kind), to_string(r.status), booked(r.tokens.input_uncached), booked(r.tokens.cache_read),
            booked(r.tokens.cache_write), booked(r.tokens.output_total), booked(r.tokens.thinking), r.raw_usage,
            r.served_model, booked(r.tokens.cache_write_1h), booked(r.tokens.audio_input), booked(r.tokens.image_input),
            booked(r.tokens.audio_output), booked(r.tokens.image_output), r.facts.service_tier, r.facts.speed,
            r.facts.region, booked(r.facts.web_searches), booked(r.facts.web_fetches), r.facts.audio_ms,
            booked(r.facts.provider_cost), r.usage_flags)
      .run();
}

const std::string& select_exchanges() {
  return select_sql;
}

usage_record read_exchange(sqlite_statement& row) {
  usage_record r;
  std::string provider_word, kind_word, status_word, transport_word;
  row.read(r.id, r.started_at, r.first_byte_ms, r.duration_ms, r.host, r.method, r.path, provider_word, kind_word,
           r.request_kind, status_word, r.http_status, r.streamed, r.requested_model, r.served_model, r.response_id,
           r.trace_id, r.conversation, r.attributed_by, r.trajectory_id, r.execution_id, r.step, r.attempt,
           r.error_reason, r.retry_delay_ms, r.tokens.input_uncached, r.tokens.cache_read, r.tokens.cache_write,
           r.tokens.output_total, r.tokens.thinking, r.raw_usage, r.request_bytes, r.response_bytes, r.row_key,
           r.attributed_at, r.attribution_flags, r.claimed_conversation, r.logical_request, r.pid, r.uid, r.executable,
           r.cgroup, r.rules, r.rewrite, transport_word, r.tokens.cache_write_1h, r.tokens.audio_input,
           r.tokens.image_input, r.tokens.audio_output, r.tokens.image_output, r.facts.service_tier, r.facts.speed,
           r.facts.region, r.facts.web_searches, r.facts.web_fetches, r.facts.audio_ms, r.facts.provider_cost,
           r.usage_flags, r.transcript);
  r.provider = provider_from(provider_word).value_or(provider::unknown);
  r.kind = call_kind_from(kind_word).value_or(call_kind::other);
  r.status = record_status_from(status_word).value_or(record_status::unreported);
  r.transport = transport_from(transport_word);
  return r;
}

}  // namespace usage
