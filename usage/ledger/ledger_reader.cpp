#include "usage/ledger/ledger_reader.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "usage/ledger/conversation_reader.hpp"
#include "usage/ledger/exchange_row.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/sqlite.hpp"
#include "usage/ledger/time_slices.hpp"

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

/// SELECT key, sums, first_at, last_at over three parts: whole hours ?1 … ?2 and rows ?3 … ?4 and ?5 … ?6. `at` (Unix
/// ms, an hour's first for roll-ups) is there for buckets.
std::string sums_sql(std::optional<group_by> by, std::string_view bucket) {
  std::string sums, columns;
  for (const std::string_view column : summed) {
    sums.append(", sum(").append(column).append(")");
    columns.append(", ").append(column);
  }
  const std::string key = key_column(by) + " AS key" + columns + ", first_at, last_at FROM ";
  const std::string rollup = by == group_by::conversation ? "rollup_conversation"
                             : by == group_by::process    ? "rollup_process"
                             : by == group_by::rule       ? "rollup_rule"
                                                          : "rollup_hour";
  const std::string rows = " UNION ALL SELECT started_at, " + key + "booked WHERE " +
                           (by == group_by::rule ? "rule <> '' AND " : "") + "started_at >= ";
  return "SELECT " + std::string(bucket) + "key" + sums + ", min(first_at), max(last_at) FROM (SELECT hour * " +
         std::to_string(hour_ms) + " AS at, " + key + rollup + " WHERE hour >= ?1 AND hour < ?2" + rows +
         "?3 AND started_at < ?4" + rows + "?5 AND started_at < ?6) GROUP BY ";
}

// A completed row leaves an empty sum under the status that it had.
constexpr std::string_view not_empty = " HAVING sum(requests) + sum(other_requests) > 0 ";

std::string report_sql(std::optional<group_by> by) {
  return sums_sql(by, "") + "key" + std::string(not_empty) + "ORDER BY max(last_at) DESC, key LIMIT " +
         std::to_string(max_report_groups);
}

std::string bucket_sql(std::optional<group_by> by) {
  return sums_sql(by, "at / ?7, ") + "at / ?7, key" + std::string(not_empty) + "ORDER BY 1, key";
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
  usage_totals& t = group.totals;
  row.read(before..., group.key, t.requests, t.other_requests, t.input_uncached_tokens, t.cache_read_tokens,
           t.cache_write_tokens, t.output_tokens, t.thinking_tokens, t.errors, t.interrupted, t.unreported, t.retries,
           group.first_at, group.last_at);
  t.input_tokens = t.input_uncached_tokens + t.cache_read_tokens + t.cache_write_tokens;
  return group;
}

/// The part of the ledger that a report is about.
struct report_span {
  bool all_time = false;
  time_slices slices;
};

/// Whether nothing lies outside the range. It may say no where it could say yes.
bool holds_all(sqlite_connection& connection, const time_range& range) {
  if (!totals_fit(connection)) return false;
  std::int64_t first_at = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_at = 0;
  sqlite_statement& row =
      connection.prepared("SELECT first_at, last_at FROM rollup_total WHERE dimension = 'all'").with();
  while (row.step()) row.read(first_at, last_at);
  // Divided, not multiplied: the seconds are the client's and of any size.
  return range.start.value_or(0) <= first_at / 1000 && (!range.end || *range.end > last_at / 1000);
}

report_span span_of(sqlite_connection& connection, const time_range& range) {
  return {holds_all(connection, range), slice(range, rows_from(connection))};
}

std::vector<usage_group> read_all_time(sqlite_connection& connection, std::optional<group_by> by) {
  static const std::string sql = all_time_sql();
  const std::string dimension = by ? key_column(by) : "all";
  std::vector<usage_group> groups;
  sqlite_statement& row = connection.prepared(sql).with(dimension);
  while (row.step()) groups.push_back(read_group(row));
  return groups;
}

std::vector<usage_group> read_groups(sqlite_connection& connection, std::optional<group_by> by,
                                     const report_span& span) {
  if (span.all_time) return read_all_time(connection, by);
  const time_slices& at = span.slices;
  std::vector<usage_group> groups;
  sqlite_statement& row = connection.prepared(report_sql(by))
                              .with(at.first_hour, at.last_hour, at.lead_from, at.lead_to, at.tail_from, at.tail_to);
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
  sqlite_statement& row =
      connection.prepared(bucket_sql(by))
          .with(at.first_hour, at.last_hour, at.lead_from, at.lead_to, at.tail_from, at.tail_to, width * 1000);
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
  std::filesystem::path file;
  sqlite_connection connection;

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
                 [&] { return ledger_reader(std::make_unique<state>(options.file, open_for_reading(options))); });
}

void ledger_reader::interrupt_by(std::stop_token stop) {
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

ledger_result<std::vector<usage_record>> ledger_reader::unattributed(std::int64_t since, std::int64_t limit) {
  return state_->snapshot([&](auto& connection) { return read_unattributed(connection, since, limit); });
}

ledger_result<std::optional<std::int64_t>> ledger_reader::last_exchange_at() {
  return state_->snapshot([&](auto& connection) { return read_last(connection); });
}

}  // namespace usage
