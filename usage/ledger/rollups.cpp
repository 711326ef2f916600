#include "usage/ledger/rollups.hpp"

#include <string>
#include <string_view>

#include "usage/ledger/schema.hpp"

namespace usage {
namespace {

std::string upsert(std::string_view table, const std::string& key, std::string_view only = "") {
  std::string values = "INSERT INTO " + std::string(table) + " SELECT " + key;
  std::string sums = " ON CONFLICT (" + key + ") DO UPDATE SET ";
  for (const std::string_view column : summed) {
    values.append(", ?2 * ").append(column);
    sums.append(column).append(" = ").append(column).append(" + excluded.").append(column).append(", ");
  }
  values.append(", first_at, last_at FROM booked WHERE id = ?1").append(only);
  return values + sums + "first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)";
}

}  // namespace

void book(sqlite_connection& connection, std::int64_t id, int sign) {
  static const std::string by_hour = upsert("rollup_hour", "hour, model, host, provider, kind, status");
  static const std::string by_conversation = upsert("rollup_conversation", "hour, conversation");
  static const std::string by_process = upsert("rollup_process", "hour, process");
  static const std::string by_rule = upsert("rollup_rule", "hour, rule", " AND rule <> ''");
  connection.prepared(by_hour).with(id, sign).run();
  connection.prepared(by_conversation).with(id, sign).run();
  connection.prepared(by_process).with(id, sign).run();
  connection.prepared(by_rule).with(id, sign).run();
}

void tighten(sqlite_connection& connection, const std::string& conversation, std::int64_t started_at) {
  const std::int64_t hour = started_at / hour_ms;
  const std::int64_t from = hour * hour_ms;
  connection
      .prepared(
          "DELETE FROM rollup_conversation WHERE hour = ?1 AND conversation = ?2 AND requests + other_requests = 0")
      .with(hour, conversation)
      .run();
  if (connection.changes() != 0) return;
  connection
      .prepared(
          "UPDATE rollup_conversation SET "
          "first_at = coalesce((SELECT min(started_at) FROM exchanges "
          "WHERE conversation = ?2 AND started_at >= ?3 AND started_at < ?4), first_at), "
          "last_at = coalesce((SELECT max(started_at) FROM exchanges "
          "WHERE conversation = ?2 AND started_at >= ?3 AND started_at < ?4), last_at) "
          "WHERE hour = ?1 AND conversation = ?2")
      .with(hour, conversation, from, from + hour_ms)
      .run();
}

}  // namespace usage
