#include "usage/ledger/retention.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "usage/ledger/corrections.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/server_records.hpp"
#include "usage/ledger/unread_rows.hpp"
#include "usage/ledger/window_rows.hpp"

namespace usage {
namespace {

constexpr std::int64_t day_ms = 24 * hour_ms;

/// Unix ms of the oldest row, or of an older report of the language server, note of what was not read, or limit.
std::optional<std::int64_t> oldest_record(sqlite_connection& connection) {
  std::optional<std::int64_t> at;
  sqlite_statement& oldest = connection.prepared("SELECT min(started_at) FROM exchanges").with();
  while (oldest.step()) oldest.read(at);
  for (const auto& other : {oldest_server_record(connection), oldest_unread(connection), oldest_window(connection)})
    if (other) at = std::min(at.value_or(*other), *other);
  return at;
}

std::int64_t used_bytes(sqlite_connection& connection) {
  return file_bytes(connection) - connection.number("PRAGMA freelist_count") * connection.number("PRAGMA page_size");
}

/// Deletes whole hours: `boundary` is on the hour. The watermark moves with the first batch, so that no report counts
/// the rest of a half-deleted hour. What the language server reported, what was not read and the limits of that time
/// are deleted with the rows.
retention_outcome delete_before(sqlite_connection& connection, std::int64_t boundary) {
  set_rows_from(connection, boundary);
  forget_corrections(connection, boundary, retention_batch_rows);
  connection
      .prepared(
          "DELETE FROM exchanges WHERE id IN (SELECT id FROM exchanges WHERE started_at < ?1 "
          "ORDER BY started_at LIMIT ?2)")
      .with(boundary, retention_batch_rows)
      .run();
  const std::int64_t rows = connection.changes();
  forget_unread(connection, boundary);
  const std::int64_t told = forget_server_records(connection, boundary, retention_batch_rows) +
                            forget_windows(connection, boundary, retention_batch_rows);
  return {rows, rows == retention_batch_rows || told >= retention_batch_rows};
}

/// Also subtracts the sums of the hour from the sums of all time.
void subtract_conversation_hour(sqlite_connection& connection) {
  std::string sums;
  for (const std::string_view column : summed) {
    sums.append(sums.empty() ? "" : ", ").append(column).append(" = rollup_total.").append(column);
    sums.append(" - gone.").append(column);
  }
  connection.execute(
      "UPDATE rollup_total SET " + sums +
      " FROM (SELECT * FROM rollup_conversation WHERE hour = (SELECT min(hour) FROM rollup_conversation))"
      " AS gone WHERE rollup_total.dimension = 'conversation' AND rollup_total.name = gone.conversation");
  connection.execute(
      "DELETE FROM rollup_total WHERE dimension = 'conversation' AND requests + other_requests = 0 AND name IN "
      "(SELECT conversation FROM rollup_conversation WHERE hour = (SELECT min(hour) FROM rollup_conversation))");
}

bool drop_oldest_conversation_hour(sqlite_connection& connection) {
  subtract_conversation_hour(connection);
  connection.prepared("DELETE FROM rollup_conversation WHERE hour = (SELECT min(hour) FROM rollup_conversation)")
      .with()
      .run();
  return connection.changes() != 0;
}

bool give_back_pages(sqlite_connection& connection) {
  const std::int64_t before = connection.number("PRAGMA page_count");
  connection.execute("PRAGMA incremental_vacuum(" + std::to_string(retention_batch_pages) + ")");
  return connection.number("PRAGMA page_count") < before;
}

retention_outcome shrink(sqlite_connection& connection, std::int64_t max_bytes) {
  if (used_bytes(connection) <= max_bytes / 10 * 9) return {0, give_back_pages(connection)};
  if (const auto oldest = oldest_record(connection))
    return {delete_before(connection, (*oldest / hour_ms + 1) * hour_ms).deleted, true};
  return {0, drop_oldest_conversation_hour(connection) || give_back_pages(connection)};
}

}  // namespace

std::int64_t file_bytes(sqlite_connection& connection) {
  return connection.number("PRAGMA page_count") * connection.number("PRAGMA page_size");
}

retention_outcome retention_step(sqlite_connection& connection, const ledger_options& options, std::int64_t now) {
  sqlite_transaction transaction(connection, sqlite_transaction::kind::write);
  const std::int64_t cutoff = (now - options.retention_days * day_ms) / hour_ms * hour_ms;
  retention_outcome outcome;
  if (const auto oldest = oldest_record(connection); oldest && *oldest < cutoff) {
    outcome = delete_before(connection, cutoff);
    outcome.more = outcome.more || file_bytes(connection) > options.max_bytes;
  } else if (file_bytes(connection) > options.max_bytes) {
    outcome = shrink(connection, options.max_bytes);
  }
  transaction.commit();
  return outcome;
}

}  // namespace usage
