#include "usage/ledger/server_records.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "usage/ledger/ledger.hpp"

namespace usage {
namespace {

// A response that both a cascade and its sub-agent list belongs to the sub-agent. Otherwise it belongs to the
// alphabetically first cascade, so that the order of the reports makes no difference.
constexpr std::string_view upsert_call =
    "INSERT INTO server_usage VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
    "ON CONFLICT (call) DO UPDATE SET "
    "conversation = CASE "
    "WHEN EXISTS (SELECT 1 FROM conversation_parents WHERE child = excluded.conversation AND parent = conversation) "
    "THEN excluded.conversation "
    "WHEN EXISTS (SELECT 1 FROM conversation_parents WHERE child = conversation AND parent = excluded.conversation) "
    "THEN conversation ELSE min(conversation, excluded.conversation) END, "
    "trace_id = max(trace_id, excluded.trace_id), trajectory_id = max(trajectory_id, excluded.trajectory_id), "
    "request_id = max(request_id, excluded.request_id), model = max(model, excluded.model), "
    "failed_attempt = min(failed_attempt, excluded.failed_attempt), "
    "input_uncached = coalesce(max(input_uncached, excluded.input_uncached), input_uncached, excluded.input_uncached), "
    "cache_read = coalesce(max(cache_read, excluded.cache_read), cache_read, excluded.cache_read), "
    "cache_write = coalesce(max(cache_write, excluded.cache_write), cache_write, excluded.cache_write), "
    "output_total = coalesce(max(output_total, excluded.output_total), output_total, excluded.output_total), "
    "thinking = coalesce(max(thinking, excluded.thinking), thinking, excluded.thinking)";

constexpr std::string_view upsert_turn =
    "INSERT INTO conversation_turns VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
    "ON CONFLICT (conversation, request_id) DO UPDATE SET "
    "began_at = min(began_at, excluded.began_at), first_step = max(first_step, excluded.first_step), "
    "ended_at = coalesce(excluded.ended_at, ended_at), "
    "first_token_ms = coalesce(excluded.first_token_ms, first_token_ms), "
    "outcome = CASE WHEN excluded.outcome <> '' THEN excluded.outcome ELSE outcome END";

std::optional<std::int64_t> counted(const std::optional<std::int64_t>& tokens) {
  if (!tokens) return tokens;
  return std::clamp<std::int64_t>(*tokens, 0, max_booked_tokens);
}

std::string key_of(const server_call& call) {
  if (!call.response_id.empty()) return call.response_id;
  return call.trace_id.empty() ? std::string() : "trace:" + call.trace_id;
}

struct table {
  std::string_view forget;
  std::string_view oldest;
};

constexpr std::array tables{
    table{"DELETE FROM server_usage WHERE call IN (SELECT call FROM server_usage WHERE reported_at < ?1 LIMIT ?2)",
          "SELECT min(reported_at) FROM server_usage"},
    table{"DELETE FROM conversation_turns WHERE (conversation, request_id) IN "
          "(SELECT conversation, request_id FROM conversation_turns WHERE began_at < ?1 LIMIT ?2)",
          "SELECT min(began_at) FROM conversation_turns"},
    table{"DELETE FROM conversation_parents WHERE child IN "
          "(SELECT child FROM conversation_parents WHERE found_at < ?1 LIMIT ?2)",
          "SELECT min(found_at) FROM conversation_parents"},
};

}  // namespace

void write_server_call(sqlite_connection& connection, const server_call& call) {
  const std::string key = key_of(call);
  if (key.empty()) return;
  connection.prepared(upsert_call)
      .with(key, call.conversation, call.response_id, call.trace_id, call.trajectory_id, call.request_id, call.model,
            call.failed_attempt, counted(call.tokens.input_uncached), counted(call.tokens.cache_read),
            counted(call.tokens.cache_write), counted(call.tokens.output_total), counted(call.tokens.thinking),
            call.reported_at)
      .run();
}

void write_turn(sqlite_connection& connection, const conversation_turn& turn) {
  connection.prepared(upsert_turn)
      .with(turn.conversation, turn.request_id, turn.first_step, turn.began_at, turn.ended_at, turn.first_token_ms,
            turn.outcome)
      .run();
}

void write_parent(sqlite_connection& connection, const conversation_parent& link) {
  connection
      .prepared(
          "INSERT INTO conversation_parents VALUES (?1, ?2, ?3) "
          "ON CONFLICT (child) DO UPDATE SET parent = min(parent, excluded.parent)")
      .with(link.child, link.parent, link.found_at)
      .run();
}

std::vector<server_call> read_server_calls(sqlite_connection& connection, const std::string& conversation,
                                           std::int64_t limit) {
  std::vector<server_call> calls;
  sqlite_statement& row =
      connection
          .prepared(
              "SELECT conversation, response_id, trace_id, trajectory_id, request_id, model, failed_attempt, "
              "input_uncached, cache_read, cache_write, output_total, thinking, reported_at FROM server_usage "
              "WHERE conversation = ?1 ORDER BY reported_at, call LIMIT ?2")
          .with(conversation, limit);
  while (row.step()) {
    server_call& c = calls.emplace_back();
    row.read(c.conversation, c.response_id, c.trace_id, c.trajectory_id, c.request_id, c.model, c.failed_attempt,
             c.tokens.input_uncached, c.tokens.cache_read, c.tokens.cache_write, c.tokens.output_total,
             c.tokens.thinking, c.reported_at);
  }
  return calls;
}

std::vector<conversation_turn> read_turns(sqlite_connection& connection, const std::string& conversation,
                                          std::int64_t limit) {
  std::vector<conversation_turn> turns;
  sqlite_statement& row =
      connection
          .prepared(
              "SELECT conversation, request_id, first_step, began_at, ended_at, first_token_ms, outcome "
              "FROM conversation_turns WHERE conversation = ?1 ORDER BY began_at, request_id LIMIT ?2")
          .with(conversation, limit);
  while (row.step()) {
    conversation_turn& t = turns.emplace_back();
    row.read(t.conversation, t.request_id, t.first_step, t.began_at, t.ended_at, t.first_token_ms, t.outcome);
  }
  return turns;
}

std::vector<std::string> read_children(sqlite_connection& connection, const std::string& parent, std::int64_t limit) {
  std::vector<std::string> children;
  sqlite_statement& row =
      connection.prepared("SELECT child FROM conversation_parents WHERE parent = ?1 ORDER BY found_at, child LIMIT ?2")
          .with(parent, limit);
  while (row.step()) row.read(children.emplace_back());
  return children;
}

std::string read_parent(sqlite_connection& connection, const std::string& child) {
  std::string parent;
  sqlite_statement& row = connection.prepared("SELECT parent FROM conversation_parents WHERE child = ?1").with(child);
  while (row.step()) row.read(parent);
  return parent;
}

std::int64_t forget_server_records(sqlite_connection& connection, std::int64_t boundary, std::int64_t limit) {
  std::int64_t forgotten = 0;
  for (const table& each : tables) {
    connection.prepared(each.forget).with(boundary, limit).run();
    forgotten += connection.changes();
  }
  return forgotten;
}

std::optional<std::int64_t> oldest_server_record(sqlite_connection& connection) {
  std::optional<std::int64_t> oldest;
  for (const table& each : tables) {
    std::optional<std::int64_t> at;
    sqlite_statement& row = connection.prepared(each.oldest).with();
    while (row.step()) row.read(at);
    if (at && (!oldest || *at < *oldest)) oldest = at;
  }
  return oldest;
}

}  // namespace usage
