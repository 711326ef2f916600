#include "usage/ledger/rollups.hpp"

#include <array>
#include <string>
#include <string_view>
#include <tuple>

#include "usage/ledger/schema.hpp"

namespace usage {
namespace {

/// What rows that are the same to every roll-up count for together.
struct sum {
  std::int64_t hour = 0;
  std::string model, host, provider, kind, status, conversation, process, rule;
  std::array<std::int64_t, summed.size()> sums{};
  std::int64_t first_at = 0;
  std::int64_t last_at = 0;
};

constexpr std::string_view keys = "hour, model, host, provider, kind, status, conversation, process, rule";

std::string select() {
  std::string sql = "SELECT " + std::string(keys);
  for (const std::string_view column : summed) sql.append(", ?3 * sum(").append(column).append(")");
  sql.append(", min(first_at), max(last_at) FROM booked WHERE id BETWEEN ?1 AND ?2 GROUP BY ").append(keys);
  return sql;
}

/// Of values for the columns of `key`, the sums, first_at and last_at.
std::string upsert(std::string_view table, std::string_view key) {
  std::string columns(key);
  std::string sums;
  for (const std::string_view column : summed) {
    columns.append(", ").append(column);
    sums.append(column).append(" = ").append(column).append(" + excluded.").append(column).append(", ");
  }
  columns.append(", first_at, last_at");
  std::string values = "?";
  for (const char each : columns) values.append(each == ',' ? ", ?" : "");
  std::string sql = "INSERT INTO " + std::string(table) + " (" + columns + ") VALUES (" + values + ")";
  sql.append(" ON CONFLICT (").append(key).append(") DO UPDATE SET ").append(sums);
  return sql + "first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)";
}

template <class... Key>
void add_to(sqlite_connection& connection, const std::string& sql, const sum& of, const Key&... key) {
  const auto add = [&](const auto&... sums) {
    connection.prepared(sql).with(key..., sums..., of.first_at, of.last_at).run();
  };
  std::apply(add, of.sums);
}

void add_to_all(sqlite_connection& connection, const sum& of) {
  static const std::string by_hour = upsert("rollup_hour", "hour, model, host, provider, kind, status");
  static const std::string by_conversation = upsert("rollup_conversation", "hour, conversation");
  static const std::string by_process = upsert("rollup_process", "hour, process");
  static const std::string by_rule = upsert("rollup_rule", "hour, rule");
  add_to(connection, by_hour, of, of.hour, of.model, of.host, of.provider, of.kind, of.status);
  add_to(connection, by_conversation, of, of.hour, of.conversation);
  add_to(connection, by_process, of, of.hour, of.process);
  if (!of.rule.empty()) add_to(connection, by_rule, of, of.hour, of.rule);
}

}  // namespace

void rollups::add(std::int64_t id) {
  if (!first_) first_ = id;
  last_ = id;
}

void rollups::subtract(std::int64_t id) {
  settle();
  book(id, id, -1);
}

void rollups::add_again(std::int64_t id) {
  book(id, id, 1);
}

void rollups::settle() {
  if (!first_) return;
  book(*first_, last_, 1);
  first_.reset();
}

void rollups::book(std::int64_t first, std::int64_t last, int sign) {
  static const std::string of_rows = select();
  sum each;
  sqlite_statement& row = connection_.prepared(of_rows).with(first, last, sign);
  while (row.step()) {
    const auto read = [&](auto&... sums) {
      row.read(each.hour, each.model, each.host, each.provider, each.kind, each.status, each.conversation, each.process,
               each.rule, sums..., each.first_at, each.last_at);
    };
    std::apply(read, each.sums);
    add_to_all(connection_, each);
  }
}

void rollups::tighten(const std::string& conversation, std::int64_t started_at) {
  const std::int64_t hour = started_at / hour_ms;
  const std::int64_t from = hour * hour_ms;
  connection_
      .prepared(
          "DELETE FROM rollup_conversation WHERE hour = ?1 AND conversation = ?2 AND requests + other_requests = 0")
      .with(hour, conversation)
      .run();
  if (connection_.changes() != 0) return;
  connection_
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
