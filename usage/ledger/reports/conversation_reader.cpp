#include "usage/ledger/reports/conversation_reader.hpp"

#include <algorithm>
#include <string_view>

#include "usage/ledger/corrections.hpp"
#include "usage/ledger/exchange_row.hpp"
#include "usage/ledger/reports/ledger_reader.hpp"
#include "usage/ledger/reports/summed_row.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/server_records.hpp"

namespace usage {
namespace {

std::string sums() {
  std::string columns;
  for (const std::string_view column : summed)
    columns.append(columns.empty() ? "" : ", ").append("coalesce(sum(").append(column).append("), 0)");
  return columns;
}

template <class... Values>
usage_totals read_totals(sqlite_connection& connection, const std::string& sql, const Values&... values) {
  usage_totals t;
  sqlite_statement& row = connection.prepared(sql).with(values...);
  while (row.step()) read_sums(row, t);
  return t;
}

usage_totals totals_of(sqlite_connection& connection, const std::string& id) {
  static const std::string sql =
      "SELECT " + sums() + " FROM rollup_total WHERE dimension = 'conversation' AND name = ?1";
  return read_totals(connection, sql, id);
}

/// A sub-agent without a conversation of its own is a trajectory of its parent.
usage_totals totals_of_trajectory(sqlite_connection& connection, const std::string& parent, const std::string& name) {
  static const std::string sql =
      "SELECT " + sums() +
      " FROM booked WHERE id IN (SELECT id FROM exchanges WHERE conversation = ?1 AND trajectory_id = ?2)";
  return read_totals(connection, sql, parent, name);
}

template <class... Values>
std::vector<usage_record> read_rows(sqlite_connection& connection, const std::string& sql, const Values&... values) {
  std::vector<usage_record> rows;
  sqlite_statement& row = connection.prepared(sql).with(values...);
  while (row.step()) rows.push_back(read_exchange(row));
  return rows;
}

void read_latest_rows(sqlite_connection& connection, conversation_record& record) {
  static const std::string sql =
      select_exchanges() + " WHERE conversation = ?1 ORDER BY started_at DESC, id DESC LIMIT ?2";
  record.rows = read_rows(connection, sql, record.id, max_exchange_rows + 1);
  record.has_more = record.rows.size() > static_cast<std::size_t>(max_exchange_rows);
  if (record.has_more) record.rows.pop_back();
  std::ranges::reverse(record.rows);
  tell_corrections(connection, record.rows);
}

bool empty(const conversation_record& record) {
  return record.totals.requests + record.totals.other_requests == 0 && record.calls.empty() && record.turns.empty() &&
         record.parent.empty() && record.sub_agents.empty();
}

}  // namespace

std::optional<conversation_record> read_conversation(sqlite_connection& connection, const std::string& id) {
  conversation_record record;
  record.id = id;
  record.parent = read_parent(connection, id);
  record.totals = totals_of(connection, id);
  read_latest_rows(connection, record);
  record.turns = read_turns(connection, id, max_conversation_parts);
  record.calls = read_server_calls(connection, id, max_conversation_parts);
  for (const std::string& child : read_children(connection, id, max_conversation_parts)) {
    usage_totals own = totals_of(connection, child);
    if (own == usage_totals{}) own = totals_of_trajectory(connection, id, child);
    record.sub_agents.push_back({child, own});
  }
  if (empty(record)) return std::nullopt;
  return record;
}

conversation_sides read_sides(sqlite_connection& connection, const std::string& id) {
  static const std::string own =
      select_exchanges() +
      " WHERE conversation = ?1 AND kind = 'model' AND (?1 <> '' OR path LIKE '/v1internal:%') "
      "ORDER BY started_at DESC LIMIT ?2";
  static const std::string elsewhere =
      select_exchanges() +
      " WHERE response_id <> '' AND kind <> 'other' AND kind = 'model' AND conversation <> ?1 AND response_id IN "
      "(SELECT response_id FROM server_usage WHERE conversation = ?1 AND response_id <> '') LIMIT ?2";
  conversation_sides sides;
  sides.rows = read_rows(connection, own, id, max_compared_calls);
  sides.truncated = sides.rows.size() == static_cast<std::size_t>(max_compared_calls);
  for (usage_record& row : read_rows(connection, elsewhere, id, max_compared_calls))
    sides.rows.push_back(std::move(row));
  if (!id.empty()) {
    sides.calls = read_server_calls(connection, id, max_compared_calls);
    sides.turns = read_turns(connection, id, max_compared_calls);
  }
  sides.truncated = sides.truncated || sides.calls.size() == static_cast<std::size_t>(max_compared_calls);
  return sides;
}

std::vector<usage_record> read_unattributed(sqlite_connection& connection, std::int64_t since, std::int64_t limit) {
  static const std::string sql = select_exchanges() +
                                 " WHERE (conversation = '' OR attributed_by IN ('transcript', 'process')) AND "
                                 "started_at >= ?1 AND row_key IS NOT NULL AND "
                                 "kind <> 'other' ORDER BY started_at DESC LIMIT ?2";
  return read_rows(connection, sql, since, limit);
}

std::vector<known_transcript> read_transcripts(sqlite_connection& connection, std::int64_t limit) {
  constexpr std::string_view sql =
      "SELECT transcript, conversation, pid, uid, executable FROM exchanges INDEXED BY exchanges_transcript "
      "WHERE transcript IS NOT NULL AND attributed_by = 'transcript' ORDER BY started_at DESC, id DESC LIMIT ?1";
  std::vector<known_transcript> found;
  sqlite_statement& row = connection.prepared(sql).with(limit);
  while (row.step()) {
    known_transcript& each = found.emplace_back();
    row.read(each.whole, each.conversation, each.pid, each.uid, each.executable);
  }
  return found;
}

std::vector<std::string> read_compared(sqlite_connection& connection, const comparison_query& query) {
  constexpr std::string_view sql =
      // The plus keeps SQLite from walking everything by conversation instead of the range of time.
      "SELECT conversation FROM ("
      "SELECT conversation, max(reported_at) AS at FROM server_usage WHERE reported_at >= ?1 GROUP BY +conversation "
      "UNION ALL SELECT conversation, max(started_at) FROM exchanges WHERE started_at >= ?1 AND kind = 'model' AND "
      // Gemini CLI has the path from the server, but no server that lists its calls.
      "path LIKE '/v1internal:%' AND attributed_by NOT IN ('body:request.session_id', 'body:user_prompt_id') "
      "GROUP BY +conversation) GROUP BY conversation ORDER BY max(at) DESC, conversation "
      "LIMIT ?2";
  std::vector<std::string> names;
  sqlite_statement& row = connection.prepared(sql).with(query.since, query.limit);
  while (row.step()) row.read(names.emplace_back());
  return names;
}

}  // namespace usage
