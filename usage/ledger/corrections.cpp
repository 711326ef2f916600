#include "usage/ledger/corrections.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "usage/ledger/exchange_row.hpp"
#include "usage/read_again.hpp"

namespace usage {
namespace {

constexpr std::string_view why = "read_again";

constexpr std::string_view append_sql =
    "INSERT INTO corrections (exchange, corrected_at, why, before, after, program) SELECT ?1, "
    "max(?2, coalesce((SELECT max(corrected_at) + 1 FROM corrections WHERE exchange = ?1), 0)), ?3, ?4, ?5, ?6";

/// As JSON. The names are those of the columns.
std::string booked_words(const usage_record& row) {
  std::string json = "{\"status\":\"" + std::string(to_string(row.status)) + '"';
  for (std::size_t i = 0; i < token_columns.size(); ++i) {
    const auto& count = row.tokens.*token_counts[i];
    json.append(",\"").append(token_columns[i]).append("\":").append(count ? std::to_string(*count) : "null");
  }
  return json + ",\"usage_flags\":" + std::to_string(row.usage_flags) + '}';
}

void set_mark(sqlite_connection& connection, std::string_view name, std::int64_t value) {
  connection.prepared("INSERT INTO watermarks VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
      .with(name, value)
      .run();
}

std::int64_t mark(sqlite_connection& connection, std::string_view name) {
  std::int64_t value = 0;
  sqlite_statement& row = connection.prepared("SELECT value FROM watermarks WHERE name = ?1").with(name);
  while (row.step()) row.read(value);
  return value;
}

}  // namespace

std::optional<usage_record> booked_anew(const usage_record& row) {
  const auto form = read_again(row);
  if (!form) return std::nullopt;
  usage_record anew = row;
  for (const auto count : token_counts)
    if (const auto& told = form->tokens.*count)
      anew.tokens.*count = std::clamp<std::int64_t>(*told, 0, max_booked_tokens);
  anew.usage_flags = form->flags;
  if (row.status == record_status::unreported && row.tokens == token_usage{} && anew.tokens != token_usage{})
    anew.status = record_status::complete;
  if (anew.tokens == row.tokens && anew.usage_flags == row.usage_flags) return std::nullopt;
  return anew;
}

bool correct_row(sqlite_connection& connection, rollups& sums, const correction& asked) {
  static const std::string by_id = select_exchanges() + " WHERE id = ?1";
  std::optional<usage_record> before;
  sqlite_statement& row = connection.prepared(by_id).with(asked.row);
  while (row.step()) before = read_exchange(row);
  const auto after = before ? booked_anew(*before) : std::nullopt;
  if (!after) return false;
  sums.subtract(after->id);
  update_usage(connection, *after);
  sums.add_again(after->id);
  const std::string was = booked_words(*before);
  const std::string is = booked_words(*after);
  connection.prepared(append_sql).with(after->id, asked.at, why, was, is, asked.program).run();
  return true;
}

void mark_verified(sqlite_connection& connection, const verified_rows& rows) {
  std::int64_t started_at = -1;
  sqlite_statement& row = connection.prepared("SELECT started_at FROM exchanges WHERE id = ?1").with(rows.to);
  while (row.step()) row.read(started_at);
  if (started_at != rows.started_at) return;
  if (mark(connection, "verified_with") == rows.dialects && mark(connection, "verified_to") >= rows.to) return;
  set_mark(connection, "verified_with", rows.dialects);
  set_mark(connection, "verified_to", rows.to);
}

std::int64_t verified_to(sqlite_connection& connection) {
  return mark(connection, "verified_with") == dialects_version ? mark(connection, "verified_to") : 0;
}

void tell_corrections(sqlite_connection& connection, std::span<usage_record> rows) {
  const std::int64_t last = connection.number("SELECT max(exchange) FROM corrections");
  for (usage_record& each : rows) {
    if (each.id > last) continue;
    sqlite_statement& row =
        connection.prepared("SELECT max(corrected_at) FROM corrections WHERE exchange = ?1").with(each.id);
    while (row.step()) row.read(each.corrected_at);
  }
}

void forget_corrections(sqlite_connection& connection, std::int64_t boundary, std::int64_t limit) {
  // There are few, as a rule none.
  if (connection.number("SELECT max(exchange) FROM corrections") == 0) return;
  connection
      .prepared(
          "DELETE FROM corrections WHERE exchange IN (SELECT id FROM exchanges WHERE started_at < ?1 "
          "ORDER BY started_at LIMIT ?2)")
      .with(boundary, limit)
      .run();
}

void copy_corrections(sqlite_connection& from, sqlite_connection& to) {
  sqlite_statement& row = from.prepared(
                                  "SELECT row_key, corrected_at, why, before, after, program FROM corrections "
                                  "JOIN exchanges ON id = exchange WHERE row_key IS NOT NULL")
                              .with();
  while (row.step()) {
    std::int64_t key = 0, at = 0;
    std::string reason, before, after, program;
    row.read(key, at, reason, before, after, program);
    to.prepared(
          "INSERT OR IGNORE INTO corrections (exchange, corrected_at, why, before, after, program) "
          "SELECT id, ?2, ?3, ?4, ?5, ?6 FROM exchanges WHERE row_key = ?1")
        .with(key, at, reason, before, after, program)
        .run();
  }
}

}  // namespace usage
