#include "usage/ledger/rollups.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "usage/ledger/schema.hpp"

namespace usage {
namespace {

/// The sums of rows that belong to the same groups in every roll-up.
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

/// What one booking adds to `rollup_day` and `rollup_total`: one row each, whatever its number of hours and groups.
class coarse_sums {
 public:
  void add(const sum& of) {
    add_to_total("all", "", of);
    add_to_total("conversation", of.conversation, of);
    add_to_both("model", of.model, of);
    add_to_both("host", of.host, of);
    add_to_both("status", of.status, of);
    add_to_both("process", of.process, of);
    if (!of.rule.empty()) add_to_both("rule", of.rule, of);
  }

  void write(sqlite_connection& connection) const;

 private:
  using key = std::pair<std::string_view, std::string>;  // dimension and name

  void add_to_both(std::string_view dimension, const std::string& name, const sum& of) {
    add_to_total(dimension, name, of);
    add(days_[of.hour / hours_of_day], {dimension, name}, of);
  }
  void add_to_total(std::string_view dimension, const std::string& name, const sum& of) {
    add(all_time_, {dimension, name}, of);
  }
  static void add(std::map<key, sum>& sums, key of_what, const sum& of) {
    const auto [place, first] = sums.try_emplace(std::move(of_what));
    sum& to = place->second;
    for (std::size_t i = 0; i < to.sums.size(); ++i) to.sums[i] += of.sums[i];
    to.first_at = first ? of.first_at : std::min(to.first_at, of.first_at);
    to.last_at = std::max(to.last_at, of.last_at);
  }

  std::map<std::int64_t, std::map<key, sum>> days_;
  std::map<key, sum> all_time_;
};

template <class... Key>
void add_to(sqlite_connection& connection, const std::string& sql, const sum& of, const Key&... key) {
  const auto add = [&](const auto&... sums) {
    connection.prepared(sql).with(key..., sums..., of.first_at, of.last_at).run();
  };
  std::apply(add, of.sums);
}

void add_to_all(sqlite_connection& connection, const sum& of) {
  static const std::string by_hour = upsert("rollup_hour", "hour, model, host, provider, kind, status");
  static const std::string by_conversation = upsert("rollup_conversation", "conversation, hour");
  static const std::string by_process = upsert("rollup_process", "hour, process");
  static const std::string by_rule = upsert("rollup_rule", "hour, rule");
  add_to(connection, by_hour, of, of.hour, of.model, of.host, of.provider, of.kind, of.status);
  add_to(connection, by_conversation, of, of.conversation, of.hour);
  add_to(connection, by_process, of, of.hour, of.process);
  if (!of.rule.empty()) add_to(connection, by_rule, of, of.hour, of.rule);
}

void coarse_sums::write(sqlite_connection& connection) const {
  static const std::string by_day = upsert("rollup_day", "day, dimension, name");
  static const std::string of_all_time = upsert("rollup_total", "dimension, name");
  for (const auto& [day, sums] : days_)
    for (const auto& [key, of] : sums) add_to(connection, by_day, of, day, key.first, key.second);
  for (const auto& [key, of] : all_time_) add_to(connection, of_all_time, of, key.first, key.second);
}

/// Sets a conversation's first and last time to those of the remaining rows, and deletes it if none remains. A row that
/// has just left was the first one only if no earlier row was ever deleted.
void tighten_total(sqlite_connection& connection, const std::string& conversation, std::int64_t started_at) {
  connection
      .prepared(
          "DELETE FROM rollup_total WHERE dimension = 'conversation' AND name = ?1 AND requests + other_requests = 0")
      .with(conversation)
      .run();
  if (connection.changes() != 0) return;
  connection
      .prepared(
          "UPDATE rollup_total SET "
          "first_at = iif(first_at < ?2, first_at, "
          "coalesce((SELECT min(started_at) FROM exchanges WHERE conversation = ?1), first_at)), "
          "last_at = iif(last_at > ?2, last_at, "
          "coalesce((SELECT max(started_at) FROM exchanges WHERE conversation = ?1), last_at)) "
          "WHERE dimension = 'conversation' AND name = ?1")
      .with(conversation, started_at)
      .run();
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
  coarse_sums coarse;
  sum each;
  sqlite_statement& row = connection_.prepared(of_rows).with(first, last, sign);
  while (row.step()) {
    const auto read = [&](auto&... sums) {
      row.read(each.hour, each.model, each.host, each.provider, each.kind, each.status, each.conversation, each.process,
               each.rule, sums..., each.first_at, each.last_at);
    };
    std::apply(read, each.sums);
    add_to_all(connection_, each);
    coarse.add(each);
  }
  coarse.write(connection_);
}

void rollups::tighten(const std::string& conversation, std::int64_t started_at) {
  tighten_total(connection_, conversation, started_at);
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
