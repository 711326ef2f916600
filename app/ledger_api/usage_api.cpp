#include "app/ledger_api/usage_api.hpp"

#include <array>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/ledger_api/usage_json.hpp"
#include "mitm/relay/connection_events.hpp"
#include "usage/placement.hpp"

namespace app {
namespace {

namespace json = boost::json;
using usage::group_by;
using usage::usage_totals;

struct group_words {
  std::string_view array;
  std::string_view member;
  std::string_view unnamed;
};

group_words words_of(group_by group) {
  switch (group) {
    case group_by::model:
      return {"models", "model", "unknown"};
    case group_by::conversation:
      return {"conversations", "conversation", "unattributed"};
    case group_by::host:
      return {"hosts", "host", "unknown"};
    case group_by::status:
      return {"statuses", "status", "unknown"};
    case group_by::process:
      return {"processes", "process", "unknown"};
    case group_by::rule:
      return {"rules", "rule", "none"};
  }
  return {};
}

/// Calls of other kinds alone are no usage.
bool used(const usage_totals& totals) {
  return totals.requests != 0 || totals.input_tokens != 0 || totals.output_tokens != 0;
}

json::array group_array(const std::vector<usage::usage_group>& groups, const group_words& words) {
  json::array listed;
  for (const usage::usage_group& group : groups) {
    if (!used(group.totals)) continue;
    json::object entry;
    entry[words.member] = text(group.key.empty() ? words.unnamed : std::string_view(group.key));
    add_sums(entry, group.totals);
    listed.push_back(std::move(entry));
  }
  return listed;
}

json::object interception_object(const interception_report& counts) {
  json::array bypassed;
  for (const bypassed_host& host : counts.bypassed_hosts)
    bypassed.push_back({{"host", text(host.host)},
                        {"program", text_or_null(host.program)},
                        {"uid", number_or_null(host.uid)},
                        {"until", host.until},
                        {"reason", text(host.reason)}});
  return {{"connections", counts.connections},
          {"exchanges_seen", counts.exchanges_seen},
          {"exchanges_parsed", counts.exchanges_parsed},
          {"exchanges_attributed", counts.exchanges_attributed},
          {"last_exchange_at", number_or_null(counts.last_exchange_at)},
          {"bypassed_hosts", std::move(bypassed)}};
}

json::array unread_array(const std::vector<usage::unread_note>& unread) {
  json::array listed;
  for (const usage::unread_note& each : unread) {
    json::object entry({{"host", text(each.host)},
                        {"path", text_or_null(each.path)},
                        {"why", text(each.why)},
                        {"words", text(mitm::words_for(each.why))},
                        {"connections", each.connections},
                        {"bytes", number_or_null(each.bytes)},
                        {"last_at", each.last_at / 1000}});
    if (!each.program.empty()) entry["program"] = text(each.program);
    listed.push_back(std::move(entry));
  }
  return listed;
}

json::object sums_object(const usage::usage_summary& summary, const std::vector<usage::unread_note>& unread) {
  json::object totals;
  add_sums(totals, summary.totals);
  json::object out{{"object", "usage"}, {"totals", std::move(totals)}};
  for (const auto& [group, groups] : summary.groups) {
    const group_words words = words_of(group);
    out[words.array] = group_array(groups, words);
  }
  out["unread"] = unread_array(unread);
  return out;
}

/// The provider's own object; as text if it is not the JSON it should be.
json::value raw_usage(const std::string& raw) {
  if (raw.empty()) return nullptr;
  boost::system::error_code error;
  json::value parsed = json::parse(raw, error);
  if (error) return text(raw);
  return parsed;
}

void add_tokens(json::object& out, const usage::token_usage& tokens) {
  out["input_tokens"] = number_or_null(tokens.input_total());
  out["input_uncached_tokens"] = number_or_null(tokens.input_uncached);
  out["cache_read_tokens"] = number_or_null(tokens.cache_read);
  out["cache_write_tokens"] = number_or_null(tokens.cache_write);
  out["output_tokens"] = number_or_null(tokens.output_total);
  out["thinking_tokens"] = number_or_null(tokens.thinking);
  out["cache_write_1h_tokens"] = number_or_null(tokens.cache_write_1h);
  out["audio_input_tokens"] = number_or_null(tokens.audio_input);
  out["image_input_tokens"] = number_or_null(tokens.image_input);
  out["audio_output_tokens"] = number_or_null(tokens.audio_output);
  out["image_output_tokens"] = number_or_null(tokens.image_output);
}

void add_facts(json::object& out, const usage::billing_facts& facts) {
  out["service_tier"] = text_or_null(facts.service_tier);
  out["speed"] = text_or_null(facts.speed);
  out["region"] = text_or_null(facts.region);
  out["web_searches"] = number_or_null(facts.web_searches);
  out["web_fetches"] = number_or_null(facts.web_fetches);
  out["audio_ms"] = number_or_null(facts.audio_ms);
  out["provider_cost"] = cost_or_null(facts.provider_cost);
}

void add_call(json::object& out, const usage::usage_record& row) {
  out["host"] = text(row.host);
  out["method"] = text(row.method);
  out["path"] = text(row.path);
  out["transport"] = row.transport ? text(to_string(*row.transport)) : json::value(nullptr);
  out["provider"] = text(to_string(row.provider));
  out["kind"] = text(to_string(row.kind));
  out["request_kind"] = text_or_null(row.request_kind);
  out["status"] = text(to_string(row.status));
  out["http_status"] = row.http_status == 0 ? json::value(nullptr) : json::value(row.http_status);
  out["streamed"] = row.streamed;
  out["requested_model"] = text_or_null(row.requested_model);
  out["served_model"] = text_or_null(row.served_model);
  out["response_id"] = text_or_null(row.response_id);
  out["trace_id"] = text_or_null(row.trace_id);
}

struct flag_word {
  std::uint8_t flag;
  std::string_view word;
};

constexpr std::array attribution_flags{flag_word{usage::disputed, "disputed"},
                                       flag_word{usage::unknown_conversation, "unknown_conversation"},
                                       flag_word{usage::ambiguous, "ambiguous"}};
/// What does not add up.
constexpr std::array usage_flags{flag_word{usage::part_exceeds_whole, "part_exceeds_whole"},
                                 flag_word{usage::total_differs, "total_differs"},
                                 flag_word{usage::count_unreadable, "count_unreadable"}};

json::array flag_words(std::uint8_t flags, const std::array<flag_word, 3>& known) {
  json::array words;
  for (const flag_word& each : known)
    if ((flags & each.flag) != 0) words.emplace_back(each.word);
  return words;
}

void add_attribution(json::object& out, const usage::usage_record& row) {
  out["conversation"] = text_or_null(row.conversation);
  out["attributed_by"] = text_or_null(row.attributed_by);
  out["trajectory_id"] = text_or_null(row.trajectory_id);
  out["execution_id"] = text_or_null(row.execution_id);
  out["step"] = number_or_null(row.step);
  out["pid"] = number_or_null(row.pid);
  out["uid"] = number_or_null(row.uid);
  out["executable"] = text_or_null(row.executable);
  out["cgroup"] = text_or_null(row.cgroup);
  out["attempt"] = row.attempt;
  out["logical_request"] = text_or_null(row.logical_request);
  out["attributed_at_ms"] = number_or_null(row.attributed_at);
  out["claimed_conversation"] = text_or_null(row.claimed_conversation);
  out["attribution_flags"] = flag_words(row.attribution_flags, attribution_flags);
}

/// None of the ids is known to the ledger.
json::object completions_result(const usage::usage_group& group) {
  return {{"object", "organization.usage.completions.result"},
          {"input_tokens", group.totals.input_tokens},
          {"output_tokens", group.totals.output_tokens},
          {"input_cached_tokens", group.totals.cache_read_tokens},
          {"input_audio_tokens", group.totals.audio_input_tokens},
          {"output_audio_tokens", group.totals.audio_output_tokens},
          {"num_model_requests", group.totals.requests},
          {"project_id", nullptr},
          {"user_id", nullptr},
          {"api_key_id", nullptr},
          {"model", text_or_null(group.key)},
          {"batch", nullptr},
          {"service_tier", nullptr}};
}

}  // namespace

boost::json::array usage_flag_words(std::uint8_t flags) {
  return flag_words(flags, usage_flags);
}

boost::json::object tokens_object(const usage::token_usage& tokens) {
  json::object out;
  add_tokens(out, tokens);
  return out;
}

boost::json::object exchange_object(const usage::usage_record& row) {
  json::object out{{"object", "usage.exchange"},
                   {"id", row.id},
                   {"started_at", row.started_at / 1000},
                   {"started_at_ms", row.started_at},
                   {"first_byte_ms", number_or_null(row.first_byte_ms)},
                   {"duration_ms", number_or_null(row.duration_ms)}};
  add_call(out, row);
  add_attribution(out, row);
  out["error_reason"] = text_or_null(row.error_reason);
  out["retry_delay_ms"] = number_or_null(row.retry_delay_ms);
  add_tokens(out, row.tokens);
  add_facts(out, row.facts);
  out["usage_flags"] = usage_flag_words(row.usage_flags);
  out["raw_usage"] = raw_usage(row.raw_usage);
  out["corrected_at"] = row.corrected_at ? json::value(*row.corrected_at / 1000) : json::value(nullptr);
  out["rules"] = text_or_null(row.rules);
  out["rewrite"] = text_or_null(row.rewrite);
  out["request_bytes"] = row.request_bytes;
  out["response_bytes"] = row.response_bytes;
  return out;
}

boost::json::object render_usage(const usage::usage_summary& summary, const interception_report& interception,
                                 const std::vector<usage::unread_note>& unread) {
  json::object out = sums_object(summary, unread);
  out["interception"] = interception_object(interception);
  return out;
}

std::string render_sums(const usage::usage_summary& summary, const std::vector<usage::unread_note>& unread) {
  return json::serialize(sums_object(summary, unread));
}

std::string with_interception(std::string_view sums, const interception_report& interception,
                              const std::string& notice) {
  sums.remove_suffix(1);  // the brace, which follows the last member
  auto whole = std::string(sums) + R"(,"interception":)" + json::serialize(interception_object(interception));
  if (!notice.empty()) whole += R"(,"notice":)" + json::serialize(json::string(text(notice)));
  return whole + '}';
}

boost::json::object render_exchanges(const usage::exchange_page& page) {
  json::array listed;
  for (const usage::usage_record& row : page.rows) listed.push_back(exchange_object(row));
  json::object out{{"object", "list"}, {"data", std::move(listed)}, {"has_more", page.has_more}, {"last_id", nullptr}};
  if (!page.rows.empty()) out["last_id"] = page.rows.back().id;
  return out;
}

boost::json::object render_completions(const std::vector<usage::usage_bucket>& buckets,
                                       const completions_query& query) {
  json::array listed;
  for (const usage::usage_bucket& bucket : buckets) {
    json::array results;
    for (const usage::usage_group& group : bucket.groups)
      if (used(group.totals)) results.push_back(completions_result(group));
    listed.push_back({{"object", "bucket"},
                      {"start_time", bucket.start},
                      {"end_time", bucket.end},
                      {"results", std::move(results)}});
  }
  json::object out{{"object", "page"}, {"data", std::move(listed)}, {"has_more", query.next_start.has_value()}};
  out["next_page"] = query.next_start ? json::value(json::string(page_token(*query.next_start))) : json::value(nullptr);
  return out;
}

}  // namespace app
