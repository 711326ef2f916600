#include "usage/ledger/reports/ledger_reader.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "usage/ledger/corrections.hpp"
#include "usage/ledger/exchange_row.hpp"
#include "usage/ledger/reports/conversation_reader.hpp"
#include "usage/ledger/reports/latest_conversations.hpp"
#include "usage/ledger/reports/summed_row.hpp"
#include "usage/ledger/reports/time_slices.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/sqlite.hpp"
#include "usage/ledger/unread_rows.hpp"
#include "usage/ledger/window_rows.hpp"

namespace usage {
namespace {

constexpr auto reading = sqlite_transaction::kind::read;

sqlite_connection open_for_reading(const ledger_options& options) {
  sqlite_connection connection(options.file, SQLITE_OPEN_READONLY, options.busy_timeout_ms);
  if (!check_identity(connection)) throw sqlite_failure(SQLITE_NOTADB, "it holds no ledger yet");
  return connection;
}

std::string key_column(std::optional<group_by> by) {
  if (!by) return "''";
  switch (*by) {
    case group_by::model:
      return "model";
    case group_by::conversation:
      return "conversation";
    case group_by::host:
      return "host";
    case group_by::status:
      return "status";
    case group_by::process:
      return "process";
    case group_by::rule:
      return "rule";
  }
  return "''";
}

std::string_view rollup_of(std::optional<group_by> by) {
  return by == group_by::process ? "rollup_process" : by == group_by::rule ? "rollup_rule" : "rollup_hour";
}

/// A SELECT of what is to be summed. `at` (Unix ms, the first of a day or an hour) is there for buckets.
std::string part(std::string_view at, std::string_view key, std::string_view from) {
  std::string sql = "SELECT " + std::string(at) + " AS at, " + std::string(key) + " AS key";
  for (const std::string_view column : summed) sql.append(", ").append(column);
  return sql.append(", first_at, last_at FROM ").append(from);
}

/// SELECT key, sums, first_at, last_at; of `parts`.
std::string sum_of(std::string_view bucket, const std::string& parts) {
  std::string sql = "SELECT " + std::string(bucket) + "key";
  for (const std::string_view column : summed) sql.append(", sum(").append(column).append(")");
  return sql + ", min(first_at), max(last_at) FROM (" + parts + ") GROUP BY " + std::string(bucket) + "key";
}

/// Over five parts: whole days ?1 … ?2, whole hours ?3 … ?4 and ?5 … ?6, and rows ?7 … ?8 and ?9 … ?10.
std::string sums_sql(std::optional<group_by> by, std::string_view bucket) {
  const std::string key = key_column(by);
  // Every row has a status: without a group, the days are the sums of all of them.
  const std::string days = part("day * 86400000", by ? "name" : "''",
                                "rollup_day WHERE dimension = '" + (by ? key : "status") + "' AND day >= ");
  const std::string hours = " UNION ALL " + part("hour * 3600000", key, rollup_of(by)) + " WHERE hour >= ";
  const std::string rows = " UNION ALL " + part("started_at", key, "booked WHERE ") +
                           (by == group_by::rule ? "rule <> '' AND " : "") + "started_at >= ";
  return sum_of(bucket, days + "?1 AND day < ?2" + hours + "?3 AND hour < ?4" + hours + "?5 AND hour < ?6" + rows +
                            "?7 AND started_at < ?8" + rows + "?9 AND started_at < ?10");
}

/// Of the conversation ?1: whole hours ?2 … ?3 and, if it has any, rows ?4 … ?5 and ?6 … ?7.
std::string conversation_sql(bool has_rows) {
  const std::string own = " WHERE conversation = ?1 AND ";
  std::string parts = part("''", "conversation", "rollup_conversation") + own + "hour >= ?2 AND hour < ?3";
  const std::string rows = " UNION ALL " + part("''", "conversation", "booked") + own + "started_at >= ";
  if (has_rows) parts += rows + "?4 AND started_at < ?5" + rows + "?6 AND started_at < ?7";
  return sum_of("", parts);
}

// A completed row leaves an empty sum under the status that it had.
constexpr std::string_view not_empty = " HAVING sum(requests) + sum(other_requests) > 0 ";

std::string report_sql(std::optional<group_by> by) {
  return sums_sql(by, "") + std::string(not_empty) + "ORDER BY max(last_at) DESC, key LIMIT " +
         std::to_string(max_report_groups);
}

std::string bucket_sql(std::optional<group_by> by) {
  return sums_sql(by, "at / ?11, ") + std::string(not_empty) + "ORDER BY 1, key";
}

/// The sums of all time are kept: only the groups that are answered are read.
std::string all_time_sql() {
  std::string columns = "name";
  for (const std::string_view column : summed) columns.append(", ").append(column);
  return "SELECT " + columns +
         ", first_at, last_at FROM rollup_total WHERE dimension = ?1 AND requests + other_requests > 0 "
         "ORDER BY last_at DESC, name LIMIT " +
         std::to_string(max_report_groups);
}

template <class... Before>
usage_group read_group(sqlite_statement& row, Before&... before) {
  usage_group group;
  read_sums(row, group.totals, std::tie(before..., group.key), std::tie(group.first_at, group.last_at));
  return group;
}

/// Starts a statement of sums_sql(). `others`: its further values.
template <class... Others>
sqlite_statement& sum_up(sqlite_connection& connection, const std::string& sql, const time_slices& at,
                         const day_slices& whole, const Others&... others) {
  return connection.prepared(sql).with(whole.first_day, whole.last_day, whole.lead_from, whole.lead_to, whole.tail_from,
                                       whole.tail_to, at.lead_from, at.lead_to, at.tail_from, at.tail_to, others...);
}

/// The part of the ledger that a report is about.
struct report_span {
  time_slices slices;
  day_slices whole;
  // False where it is not known.
  bool from_the_beginning = false;
  bool to_the_end = false;
  bool all_time() const { return from_the_beginning && to_the_end; }
};

report_span span_of(sqlite_connection& connection, const time_range& range) {
  const time_slices at = slice(range, rows_from(connection));
  if (!sums_fit(connection)) return {at, hours_of(at)};
  std::int64_t first_at = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_at = 0;
  sqlite_statement& row =
      connection.prepared("SELECT first_at, last_at FROM rollup_total WHERE dimension = 'all'").with();
  while (row.step()) row.read(first_at, last_at);
  // Divided, not multiplied: the seconds are the client's and of any size.
  return {at, days_of(at), range.start.value_or(0) <= first_at / 1000, !range.end || *range.end > last_at / 1000};
}

std::vector<usage_group> read_all_time(sqlite_connection& connection, std::optional<group_by> by) {
  static const std::string sql = all_time_sql();
  const std::string dimension = by ? key_column(by) : "all";
  std::vector<usage_group> groups;
  sqlite_statement& row = connection.prepared(sql).with(dimension);
  while (row.step()) groups.push_back(read_group(row));
  return groups;
}

std::vector<usage_group> read_conversations(sqlite_connection& connection, const report_span& span) {
  static const std::string of_hours = conversation_sql(false) + std::string(not_empty);
  static const std::string with_rows = conversation_sql(true) + std::string(not_empty);
  const time_slices& at = span.slices;
  const latest_conversations latest = find_latest_conversations(connection, at, span.to_the_end);
  std::vector<usage_group> groups;
  for (const std::string& name : latest.all) {
    sqlite_statement& row = latest.at_edges.contains(name)
                                ? connection.prepared(with_rows).with(name, at.first_hour, at.last_hour, at.lead_from,
                                                                      at.lead_to, at.tail_from, at.tail_to)
                                : connection.prepared(of_hours).with(name, at.first_hour, at.last_hour);
    while (row.step()) groups.push_back(read_group(row));
  }
  std::ranges::sort(groups, [](const usage_group& a, const usage_group& b) {
    return a.last_at != b.last_at ? a.last_at > b.last_at : a.key < b.key;
  });
  if (groups.size() > static_cast<std::size_t>(max_report_groups)) groups.resize(max_report_groups);
  return groups;
}

std::vector<usage_group> read_groups(sqlite_connection& connection, std::optional<group_by> by,
                                     const report_span& span) {
  if (span.all_time()) return read_all_time(connection, by);
  if (by == group_by::conversation) return read_conversations(connection, span);
  std::vector<usage_group> groups;
  sqlite_statement& row = sum_up(connection, report_sql(by), span.slices, span.whole);
  while (row.step()) groups.push_back(read_group(row));
  return groups;
}

usage_totals read_totals(sqlite_connection& connection, const report_span& span) {
  const auto groups = read_groups(connection, std::nullopt, span);
  return groups.empty() ? usage_totals{} : groups.front().totals;
}

std::vector<usage_bucket> empty_buckets(const bucket_query& whole) {
  const std::int64_t width = seconds_of(whole.width);
  std::vector<usage_bucket> buckets;
  for (std::int64_t start = whole.start; start < whole.end; start += width)
    buckets.push_back({start, start + width, {}});
  return buckets;
}

std::vector<usage_bucket> read_buckets(sqlite_connection& connection, const bucket_query& whole) {
  auto buckets = empty_buckets(whole);
  const std::int64_t width = seconds_of(whole.width);
  const time_slices at = slice(whole, rows_from(connection));
  const auto by = whole.by_model ? std::optional(group_by::model) : std::nullopt;
  const bool by_day = whole.width == bucket_width::day && sums_fit(connection);
  sqlite_statement& row = sum_up(connection, bucket_sql(by), at, by_day ? days_of(at) : hours_of(at), width * 1000);
  while (row.step()) {
    std::int64_t index = 0;
    usage_group group = read_group(row, index);
    buckets.at(static_cast<std::size_t>(index - whole.start / width)).groups.push_back(std::move(group));
  }
  return buckets;
}

exchange_page read_page(sqlite_connection& connection, const exchange_query& query) {
  static const std::string oldest_first = select_exchanges() + " WHERE id > ?1 ORDER BY id LIMIT ?2";
  static const std::string newest_first = select_exchanges() + " WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
  const std::int64_t limit = std::clamp<std::int64_t>(query.limit, 1, max_exchange_rows);
  const std::int64_t beginning = query.ascending ? 0 : std::numeric_limits<std::int64_t>::max();
  sqlite_statement& row = connection.prepared(query.ascending ? oldest_first : newest_first)
                              .with(query.after.value_or(beginning), limit + 1);
  exchange_page page;
  while (row.step()) page.rows.push_back(read_exchange(row));
  page.has_more = page.rows.size() > static_cast<std::size_t>(limit);
  if (page.has_more) page.rows.pop_back();
  tell_corrections(connection, page.rows);
  return page;
}

std::optional<std::int64_t> read_last(sqlite_connection& connection) {
  std::optional<std::int64_t> at;
  sqlite_statement& row =
      connection.prepared("SELECT max(last_at) FROM rollup_hour WHERE hour = (SELECT max(hour) FROM rollup_hour)")
          .with();
  while (row.step()) row.read(at);
  return at;
}

}  // namespace

struct ledger_reader::state {
  ledger_options options;
  sqlite_connection connection;
  std::filesystem::path file = options.file;
  std::stop_token stop{};  // of the call

  /// `read` sees the ledger of one moment.
  template <class Read>
  auto snapshot(Read&& read) {
    return attempt("read the ledger", file, [&] {
      sqlite_transaction transaction(connection, reading);
      auto answer = read(connection);
      transaction.commit();
      return answer;
    });
  }
};

ledger_reader::ledger_reader(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
ledger_reader::~ledger_reader() = default;
ledger_reader::ledger_reader(ledger_reader&&) noexcept = default;
ledger_reader& ledger_reader::operator=(ledger_reader&&) noexcept = default;

ledger_result<ledger_reader> ledger_reader::open(const ledger_options& options) {
  return attempt("open the ledger", options.file,
                 [&] { return ledger_reader(std::make_unique<state>(options, open_for_reading(options))); });
}

void ledger_reader::interrupt_by(std::stop_token stop) {
  state_->stop = stop;
  state_->connection.interrupt_by(std::move(stop));
}

ledger_result<std::int64_t> ledger_reader::version() {
  return attempt("read the ledger", state_->file, [&] { return state_->connection.number("PRAGMA data_version"); });
}

ledger_result<usage_totals> ledger_reader::totals(const time_range& range) {
  return state_->snapshot([&](auto& connection) { return read_totals(connection, span_of(connection, range)); });
}

ledger_result<std::vector<usage_group>> ledger_reader::report(group_by by, const time_range& range) {
  return state_->snapshot([&](auto& connection) { return read_groups(connection, by, span_of(connection, range)); });
}

ledger_result<usage_summary> ledger_reader::summary(std::span<const group_by> groups, const time_range& range) {
  return state_->snapshot([&](auto& connection) {
    const report_span span = span_of(connection, range);
    usage_summary answer{read_totals(connection, span), {}};
    for (const group_by by : groups) answer.groups.emplace_back(by, read_groups(connection, by, span));
    return answer;
  });
}

ledger_result<exchange_page> ledger_reader::exchanges(const exchange_query& query) {
  return state_->snapshot([&](auto& connection) { return read_page(connection, query); });
}

ledger_result<std::vector<unread_note>> ledger_reader::unread(const time_range& range) {
  return state_->snapshot([&](auto& connection) { return read_unread(connection, range); });
}

ledger_result<window_page> ledger_reader::windows(const window_query& query) {
  return state_->snapshot([&](auto& connection) { return read_windows(connection, query); });
}

ledger_result<window_page> ledger_reader::window_changes(const window_query& query) {
  return state_->snapshot([&](auto& connection) { return read_window_changes(connection, query); });
}

ledger_result<std::vector<usage_bucket>> ledger_reader::buckets(const bucket_query& query) {
  return state_->snapshot([&](auto& connection) { return read_buckets(connection, aligned(query)); });
}

ledger_result<std::optional<conversation_record>> ledger_reader::conversation(const std::string& id) {
  return state_->snapshot([&](auto& connection) { return read_conversation(connection, id); });
}

ledger_result<conversation_sides> ledger_reader::sides(const std::string& id) {
  return state_->snapshot([&](auto& connection) { return read_sides(connection, id); });
}

ledger_result<std::vector<std::string>> ledger_reader::compared(const comparison_query& query) {
  return state_->snapshot([&](auto& connection) { return read_compared(connection, query); });
}

ledger_result<rereading> ledger_reader::read_again(const reread_options& wanted) {
  return state_->snapshot(
      [&](auto& connection) { return read_rows_again(connection, state_->options, wanted, state_->stop); });
}

ledger_result<differing_rows> ledger_reader::differing(std::int64_t after, std::size_t limit) {
  return state_->snapshot([&](auto& connection) { return find_differing(connection, after, limit); });
}

ledger_result<std::vector<usage_record>> ledger_reader::unattributed(std::int64_t since, std::int64_t limit) {
  return state_->snapshot([&](auto& connection) { return read_unattributed(connection, since, limit); });
}

ledger_result<std::vector<known_transcript>> ledger_reader::transcripts(std::int64_t limit) {
  return state_->snapshot([&](auto& connection) { return read_transcripts(connection, limit); });
}

ledger_result<std::optional<std::int64_t>> ledger_reader::last_exchange_at() {
  return state_->snapshot([&](auto& connection) { return read_last(connection); });
}

}  // namespace usage
