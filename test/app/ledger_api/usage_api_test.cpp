#include "app/ledger_api/usage_api.hpp"

#include <initializer_list>
#include <string>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "usage/placement.hpp"

namespace app {
namespace {

namespace json = boost::json;
using usage::group_by;
using usage::usage_group;
using usage::usage_totals;

/// Compared as text: the order of members is part of what is asserted.
void expect_document(const json::object& document, const std::string& expected) {
  EXPECT_EQ(json::serialize(document), json::serialize(json::parse(expected)));
}

/// The sums of a group, whose numbers stand in the order of the document up to `inconsistent`.
std::string sums(std::initializer_list<const char*> numbers, const char* not_reported = "[0,0,0,0,0,0]") {
  const char* const names[] = {"requests",
                               "other_requests",
                               "input_tokens",
                               "input_uncached_tokens",
                               "cache_read_tokens",
                               "cache_write_tokens",
                               "output_tokens",
                               "thinking_tokens",
                               "cache_write_1h_tokens",
                               "audio_input_tokens",
                               "image_input_tokens",
                               "audio_output_tokens",
                               "image_output_tokens",
                               "web_searches",
                               "provider_cost",
                               "errors",
                               "interrupted",
                               "unreported",
                               "retries",
                               "inconsistent"};
  std::string text;
  auto number = numbers.begin();
  for (const char* name : names) {
    text += '"' + std::string(name) + "\":" + (number == numbers.end() ? "0" : *number) + ',';
    if (number != numbers.end()) ++number;
  }
  json::object silent;
  const auto counts = json::parse(not_reported).as_array();
  for (std::size_t i = 0; i < counts.size(); ++i) silent[names[i + 2]] = counts[i];
  return text + "\"not_reported\":" + json::serialize(silent);
}

usage_totals some_totals() {
  usage_totals totals;
  totals.requests = 3;
  totals.other_requests = 9;
  totals.input_tokens = 111;
  totals.input_uncached_tokens = 100;
  totals.cache_read_tokens = 10;
  totals.cache_write_tokens = 1;
  totals.output_tokens = 50;
  totals.thinking_tokens = 20;
  totals.errors = 2;
  totals.interrupted = 1;
  totals.cache_write_1h_tokens = 1;
  totals.provider_cost = 1'500'000'000;
  totals.inconsistent = 1;
  totals.thinking_unreported = 1;
  return totals;
}

usage_totals one_request() {
  usage_totals totals;
  totals.requests = 1;
  totals.thinking_unreported = 1;
  return totals;
}

usage_totals only_other_requests() {
  usage_totals totals;
  totals.other_requests = 4;
  return totals;
}

TEST(usage_api, usage_has_totals_models_conversations_and_interception) {
  const usage::usage_summary summary{
      some_totals(),
      {{group_by::model,
        {{"gpt-5", some_totals(), 1, 2}, {"", one_request(), 1, 1}, {"x", only_other_requests(), 1, 1}}},
       {group_by::conversation, {{"", one_request(), 1, 1}}}}};
  interception_report counts{
      5, 4, 3, 2, 1700000000, {{"api.openai.com", "/usr/bin/agent", 1000, 1700000600, "does not trust the CA"}}};
  const std::vector<usage::unread_note> unread{
      {"api.openai.com", "/v1/realtime", "upgraded", 7, 123, 1700000000123, 1700000100123},
      {"api.mistral.ai", "", "a word of later", 1, std::nullopt, 1700000000123, 1700000000123}};
  const std::string all = sums(
      {"3", "9", "111", "100", "10", "1", "50", "20", "1", "0", "0", "0", "0", "0", "1.5E0", "2", "1", "0", "0", "1"},
      "[0,0,0,0,0,1]");
  const std::string one =
      sums({"1", "0", "0", "0", "0", "0", "0", "null", "0", "0", "0", "0", "0", "0", "null"}, "[0,0,0,0,0,1]");
  expect_document(render_usage(summary, counts, unread),
                  R"({"object": "usage", "totals": {)" + all + R"(}, "models": [{"model": "gpt-5",)" + all +
                      R"(}, {"model": "unknown",)" + one + R"(}], "conversations": [{"conversation": "unattributed",)" +
                      one + R"(}],
    "unread": [
      {"host": "api.openai.com", "path": "/v1/realtime", "why": "upgraded",
       "words": "the connection went on in another protocol", "connections": 7, "bytes": 123, "last_at": 1700000100},
      {"host": "api.mistral.ai", "path": null, "why": "a word of later", "words": "a word of later", "connections": 1,
       "bytes": null, "last_at": 1700000000}],
    "interception": {"connections": 5, "exchanges_seen": 4, "exchanges_parsed": 3, "exchanges_attributed": 2,
      "last_exchange_at": 1700000000,
      "bypassed_hosts": [{"host": "api.openai.com", "program": "/usr/bin/agent", "uid": 1000, "until": 1700000600,
        "reason": "does not trust the CA"}]}})");
}

TEST(usage_api, usage_has_the_arrays_asked_for_and_null_for_no_exchange_yet) {
  const usage::usage_summary summary{{}, {{group_by::host, {}}, {group_by::status, {}}}};
  const std::string none = sums({"0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "null"});
  expect_document(render_usage(summary, {}), R"({"object": "usage", "totals": {)" + none + R"(},
    "hosts": [], "statuses": [], "unread": [],
    "interception": {"connections": 0, "exchanges_seen": 0, "exchanges_parsed": 0, "exchanges_attributed": 0,
      "last_exchange_at": null, "bypassed_hosts": []}})");
}

TEST(usage_api, hosts_and_statuses_are_named_as_such) {
  const usage::usage_summary summary{
      {}, {{group_by::host, {{"h", one_request(), 1, 1}}}, {group_by::status, {{"error", one_request(), 1, 1}}}}};
  const json::object document = render_usage(summary, {});
  EXPECT_EQ(document.at("hosts").at(0).at("host"), "h");
  EXPECT_EQ(document.at("statuses").at(0).at("status"), "error");
}

usage::usage_record full_row() {
  usage::usage_record row;
  row.id = 42;
  row.started_at = 1700000000123;
  row.first_byte_ms = 10;
  row.duration_ms = 20;
  row.host = "api.openai.com";
  row.method = "POST";
  row.path = "/v1/responses";
  row.transport = usage::transport::h2;
  row.provider = usage::provider::openai_responses;
  row.kind = usage::call_kind::model;
  row.status = usage::record_status::complete;
  row.http_status = 200;
  row.streamed = true;
  row.requested_model = "gpt-5";
  row.served_model = "gpt-5-2025";
  row.response_id = "resp_1";
  row.conversation = "c1";
  row.attributed_by = "header:session-id";
  row.step = 3;
  row.attempt = 1;
  row.logical_request = "t/3";
  row.attributed_at = 1700000000200;
  row.claimed_conversation = "lie";
  row.attribution_flags = usage::disputed | usage::unknown_conversation;
  row.tokens.input_uncached = 7;
  row.tokens.output_total = 5;
  row.tokens.cache_write_1h = 2;
  row.facts.service_tier = "flex";
  row.facts.web_searches = 3;
  row.facts.provider_cost = 250'000'000;
  row.usage_flags = usage::part_exceeds_whole | usage::total_differs | usage::count_unreadable;
  row.raw_usage = R"({"input_tokens":7,"output_tokens":5})";
  row.corrected_at = 1700000001900;
  row.request_bytes = 100;
  row.response_bytes = 200;
  row.rules = "cheaper";
  row.rewrite = "model a -> b";
  return row;
}

TEST(usage_api, an_exchange_shows_every_member_and_null_for_what_is_not_known) {
  expect_document(render_exchanges({{full_row()}, true}), R"({"object": "list", "data": [
    {"object": "usage.exchange", "id": 42, "started_at": 1700000000, "started_at_ms": 1700000000123,
     "first_byte_ms": 10, "duration_ms": 20, "host": "api.openai.com", "method": "POST", "path": "/v1/responses",
     "transport": "h2", "provider": "openai_responses", "kind": "model", "request_kind": null, "status": "complete", "http_status": 200,
     "streamed": true, "requested_model": "gpt-5", "served_model": "gpt-5-2025", "response_id": "resp_1",
     "trace_id": null, "conversation": "c1", "attributed_by": "header:session-id", "trajectory_id": null,
     "execution_id": null, "step": 3, "pid": null, "uid": null, "executable": null, "cgroup": null, "attempt": 1, "logical_request": "t/3",
     "attributed_at_ms": 1700000000200, "claimed_conversation": "lie",
     "attribution_flags": ["disputed", "unknown_conversation"], "error_reason": null, "retry_delay_ms": null, "input_tokens": 7,
     "input_uncached_tokens": 7, "cache_read_tokens": null, "cache_write_tokens": null, "output_tokens": 5,
     "thinking_tokens": null, "cache_write_1h_tokens": 2, "audio_input_tokens": null, "image_input_tokens": null,
     "audio_output_tokens": null, "image_output_tokens": null, "service_tier": "flex", "speed": null, "region": null,
     "web_searches": 3, "web_fetches": null, "audio_ms": null, "provider_cost": 2.5E-1,
     "usage_flags": ["part_exceeds_whole", "total_differs", "count_unreadable"],
     "raw_usage": {"input_tokens": 7, "output_tokens": 5}, "corrected_at": 1700000001, "rules": "cheaper",
     "rewrite": "model a -> b", "request_bytes": 100, "response_bytes": 200}], "has_more": true, "last_id": 42})");
}

TEST(usage_api, a_row_that_knows_nothing_is_nulls) {
  usage::usage_record bare;
  bare.transport.reset();
  const json::object document = render_exchanges({{bare}, false});
  const json::value& row = document.at("data").at(0);
  for (const char* member : {"http_status", "input_tokens", "output_tokens", "raw_usage", "step", "duration_ms",
                             "conversation", "requested_model", "transport", "corrected_at"})
    EXPECT_TRUE(row.at(member).is_null()) << member;
}

TEST(usage_api, an_empty_page_has_no_last_id) {
  expect_document(render_exchanges({}), R"({"object": "list", "data": [], "has_more": false, "last_id": null})");
}

TEST(usage_api, a_usage_object_that_is_no_json_is_shown_as_text) {
  usage::usage_record row;
  row.raw_usage = R"({"input_tokens":)";
  EXPECT_EQ(render_exchanges({{row}, false}).at("data").at(0).at("raw_usage"), R"({"input_tokens":)");
}

TEST(usage_api, bytes_that_are_not_utf8_do_not_spoil_the_document) {
  usage::usage_record row;
  row.path = "/\xff\xfe\n";
  EXPECT_NO_THROW(json::parse(json::serialize(render_exchanges({{row}, false}))));
}

TEST(usage_api, completions_are_a_page_of_buckets) {
  const std::vector<usage::usage_bucket> buckets{
      {86400, 172800, {{"gpt-5", some_totals(), 1, 2}, {"", one_request(), 1, 1}}},
      {172800, 259200, {{"x", only_other_requests(), 1, 1}}}};
  completions_query query;
  query.next_start = 259200;
  expect_document(render_completions(buckets, query), R"({"object": "page", "data": [
    {"object": "bucket", "start_time": 86400, "end_time": 172800, "results": [
      {"object": "organization.usage.completions.result", "input_tokens": 111, "output_tokens": 50,
       "input_cached_tokens": 10, "input_audio_tokens": 0, "output_audio_tokens": 0, "num_model_requests": 3,
       "project_id": null, "user_id": null, "api_key_id": null, "model": "gpt-5", "batch": null, "service_tier": null},
      {"object": "organization.usage.completions.result", "input_tokens": 0, "output_tokens": 0,
       "input_cached_tokens": 0, "input_audio_tokens": 0, "output_audio_tokens": 0, "num_model_requests": 1,
       "project_id": null, "user_id": null, "api_key_id": null, "model": null, "batch": null, "service_tier": null}]},
    {"object": "bucket", "start_time": 172800, "end_time": 259200, "results": []}],
    "has_more": true, "next_page": "page_259200"})");
}

TEST(usage_api, the_last_page_of_completions_has_no_next) {
  expect_document(render_completions({}, {}),
                  R"({"object": "page", "data": [], "has_more": false, "next_page": null})");
}

}  // namespace
}  // namespace app
