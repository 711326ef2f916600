#include "usage/ledger/schema.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace usage {
namespace {

// The view `booked` is the one place that says what a row counts as; roll-ups are sums over it. Ids are never used
// twice (AUTOINCREMENT), so that paging by id stays true after retention.
constexpr const char* version_1 = R"sql(
CREATE TABLE exchanges (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  started_at INTEGER NOT NULL, first_byte_ms INTEGER, duration_ms INTEGER,
  host TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
  provider TEXT NOT NULL, kind TEXT NOT NULL, request_kind TEXT NOT NULL,
  status TEXT NOT NULL, http_status INTEGER NOT NULL, streamed INTEGER NOT NULL,
  requested_model TEXT NOT NULL, served_model TEXT NOT NULL, response_id TEXT NOT NULL, trace_id TEXT NOT NULL,
  conversation TEXT NOT NULL, attributed_by TEXT NOT NULL, trajectory_id TEXT NOT NULL, execution_id TEXT NOT NULL,
  step INTEGER, attempt INTEGER NOT NULL, error_reason TEXT NOT NULL, retry_delay_ms INTEGER,
  input_uncached INTEGER, cache_read INTEGER, cache_write INTEGER, output_total INTEGER, thinking INTEGER,
  raw_usage TEXT NOT NULL, request_bytes INTEGER NOT NULL, response_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX exchanges_started_at ON exchanges (started_at);
CREATE UNIQUE INDEX exchanges_response ON exchanges (response_id, host) WHERE response_id <> '';

CREATE VIEW booked AS SELECT
  id, started_at, started_at / 3600000 AS hour,
  CASE WHEN requested_model <> '' THEN requested_model ELSE served_model END AS model,
  host, provider, kind, status, conversation,
  kind = 'model' AS requests, kind <> 'model' AS other_requests,
  coalesce(input_uncached, 0) AS input_uncached, coalesce(cache_read, 0) AS cache_read,
  coalesce(cache_write, 0) AS cache_write, coalesce(output_total, 0) AS output_total,
  coalesce(thinking, 0) AS thinking,
  kind = 'model' AND status = 'error' AS errors, kind = 'model' AND status = 'interrupted' AS interrupted,
  kind = 'model' AND status = 'unreported' AS unreported, kind = 'model' AND attempt > 0 AS retries,
  started_at AS first_at, started_at AS last_at
FROM exchanges;

CREATE TABLE rollup_hour (
  hour INTEGER NOT NULL,
  model TEXT NOT NULL, host TEXT NOT NULL, provider TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL,
  requests INTEGER NOT NULL, other_requests INTEGER NOT NULL,
  input_uncached INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
  output_total INTEGER NOT NULL, thinking INTEGER NOT NULL,
  errors INTEGER NOT NULL, interrupted INTEGER NOT NULL, unreported INTEGER NOT NULL, retries INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (hour, model, host, provider, kind, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_conversation (
  hour INTEGER NOT NULL,
  conversation TEXT NOT NULL,
  requests INTEGER NOT NULL, other_requests INTEGER NOT NULL,
  input_uncached INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
  output_total INTEGER NOT NULL, thinking INTEGER NOT NULL,
  errors INTEGER NOT NULL, interrupted INTEGER NOT NULL, unreported INTEGER NOT NULL, retries INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (hour, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE watermarks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO watermarks VALUES ('rows_from', 0);
)sql";

// Rows are placed anew by row_key, and a conversation is read by its index. What the language server says of its own
// calls stands beside the rows: it is compared with them and never counted.
constexpr const char* attribution = R"sql(
ALTER TABLE exchanges ADD COLUMN row_key INTEGER;
ALTER TABLE exchanges ADD COLUMN attributed_at INTEGER;
ALTER TABLE exchanges ADD COLUMN attribution_flags INTEGER NOT NULL DEFAULT 0;
ALTER TABLE exchanges ADD COLUMN claimed_conversation TEXT NOT NULL DEFAULT '';
ALTER TABLE exchanges ADD COLUMN logical_request TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX exchanges_row_key ON exchanges (row_key) WHERE row_key IS NOT NULL;
CREATE INDEX exchanges_conversation ON exchanges (conversation, started_at);

CREATE TABLE server_usage (
  call TEXT PRIMARY KEY,
  conversation TEXT NOT NULL, response_id TEXT NOT NULL, trace_id TEXT NOT NULL, trajectory_id TEXT NOT NULL,
  request_id TEXT NOT NULL, model TEXT NOT NULL, failed_attempt INTEGER NOT NULL,
  input_uncached INTEGER, cache_read INTEGER, cache_write INTEGER, output_total INTEGER, thinking INTEGER,
  reported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX server_usage_conversation ON server_usage (conversation);
CREATE INDEX server_usage_reported_at ON server_usage (reported_at);

CREATE TABLE conversation_turns (
  conversation TEXT NOT NULL, request_id TEXT NOT NULL, first_step INTEGER NOT NULL, began_at INTEGER NOT NULL,
  ended_at INTEGER, first_token_ms INTEGER, outcome TEXT NOT NULL,
  PRIMARY KEY (conversation, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_turns_began_at ON conversation_turns (began_at);

CREATE TABLE conversation_parents (
  child TEXT PRIMARY KEY, parent TEXT NOT NULL, found_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_parents_parent ON conversation_parents (parent);
CREATE INDEX conversation_parents_found_at ON conversation_parents (found_at);
)sql";

// Who made the connection. What was booked before is of no known process.
constexpr const char* processes = R"sql(
ALTER TABLE exchanges ADD COLUMN pid INTEGER;
ALTER TABLE exchanges ADD COLUMN uid INTEGER;
ALTER TABLE exchanges ADD COLUMN executable TEXT NOT NULL DEFAULT '';
ALTER TABLE exchanges ADD COLUMN cgroup TEXT NOT NULL DEFAULT '';

DROP VIEW booked;
CREATE VIEW booked AS SELECT
  id, started_at, started_at / 3600000 AS hour,
  CASE WHEN requested_model <> '' THEN requested_model ELSE served_model END AS model,
  host, provider, kind, status, conversation, executable AS process,
  kind = 'model' AS requests, kind <> 'model' AS other_requests,
  coalesce(input_uncached, 0) AS input_uncached, coalesce(cache_read, 0) AS cache_read,
  coalesce(cache_write, 0) AS cache_write, coalesce(output_total, 0) AS output_total,
  coalesce(thinking, 0) AS thinking,
  kind = 'model' AND status = 'error' AS errors, kind = 'model' AND status = 'interrupted' AS interrupted,
  kind = 'model' AND status = 'unreported' AS unreported, kind = 'model' AND attempt > 0 AS retries,
  started_at AS first_at, started_at AS last_at
FROM exchanges;

CREATE TABLE rollup_process (
  hour INTEGER NOT NULL,
  process TEXT NOT NULL,
  requests INTEGER NOT NULL, other_requests INTEGER NOT NULL,
  input_uncached INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
  output_total INTEGER NOT NULL, thinking INTEGER NOT NULL,
  errors INTEGER NOT NULL, interrupted INTEGER NOT NULL, unreported INTEGER NOT NULL, retries INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (hour, process)
) STRICT, WITHOUT ROWID;
INSERT INTO rollup_process SELECT hour, '', sum(requests), sum(other_requests),
  sum(input_uncached), sum(cache_read), sum(cache_write), sum(output_total), sum(thinking),
  sum(errors), sum(interrupted), sum(unreported), sum(retries), min(first_at), max(last_at)
FROM rollup_hour GROUP BY hour;
)sql";

// What the user's rules did to the request. Most rows have no rule, so that only those that have one are summed by it.
constexpr const char* rewrites = R"sql(
ALTER TABLE exchanges ADD COLUMN rules TEXT NOT NULL DEFAULT '';
ALTER TABLE exchanges ADD COLUMN rewrite TEXT NOT NULL DEFAULT '';

DROP VIEW booked;
CREATE VIEW booked AS SELECT
  id, started_at, started_at / 3600000 AS hour,
  CASE WHEN requested_model <> '' THEN requested_model ELSE served_model END AS model,
  host, provider, kind, status, conversation, executable AS process, rules AS rule,
  kind = 'model' AS requests, kind <> 'model' AS other_requests,
  coalesce(input_uncached, 0) AS input_uncached, coalesce(cache_read, 0) AS cache_read,
  coalesce(cache_write, 0) AS cache_write, coalesce(output_total, 0) AS output_total,
  coalesce(thinking, 0) AS thinking,
  kind = 'model' AND status = 'error' AS errors, kind = 'model' AND status = 'interrupted' AS interrupted,
  kind = 'model' AND status = 'unreported' AS unreported, kind = 'model' AND attempt > 0 AS retries,
  started_at AS first_at, started_at AS last_at
FROM exchanges;

CREATE TABLE rollup_rule (
  hour INTEGER NOT NULL,
  rule TEXT NOT NULL,
  requests INTEGER NOT NULL, other_requests INTEGER NOT NULL,
  input_uncached INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
  output_total INTEGER NOT NULL, thinking INTEGER NOT NULL,
  errors INTEGER NOT NULL, interrupted INTEGER NOT NULL, unreported INTEGER NOT NULL, retries INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (hour, rule)
) STRICT, WITHOUT ROWID;
)sql";

// Sums of all time, so that a report without a range of time reads what it answers and not every hour there ever was.
// `dimension` is what the report groups by, `name` the group; 'all' has one row, with an empty name.
constexpr const char* all_time = R"sql(
CREATE TABLE rollup_total (
  dimension TEXT NOT NULL, name TEXT NOT NULL,
  requests INTEGER NOT NULL, other_requests INTEGER NOT NULL,
  input_uncached INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
  output_total INTEGER NOT NULL, thinking INTEGER NOT NULL,
  errors INTEGER NOT NULL, interrupted INTEGER NOT NULL, unreported INTEGER NOT NULL, retries INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (dimension, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollup_total_last_at ON rollup_total (dimension, last_at DESC, name);
)sql";

// Sums of days, so that a long range reads its days and not all of their hours. The day comes first in the key: what is
// booked now is in few pages. Conversations are not among them: hardly one lasts for many days.
constexpr const char* days = R"sql(
CREATE TABLE rollup_day (
  day INTEGER NOT NULL,
  dimension TEXT NOT NULL, name TEXT NOT NULL,
  requests INTEGER NOT NULL, other_requests INTEGER NOT NULL,
  input_uncached INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
  output_total INTEGER NOT NULL, thinking INTEGER NOT NULL,
  errors INTEGER NOT NULL, interrupted INTEGER NOT NULL, unreported INTEGER NOT NULL, retries INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (day, dimension, name)
) STRICT, WITHOUT ROWID;
)sql";

// The conversation comes first in the key, so that the hours of one are in few pages; the index finds those of an hour,
// of which there are very many, but few that a report lists.
constexpr const char* conversation_hours = R"sql(
ALTER TABLE rollup_conversation RENAME TO rollup_conversation_before;
CREATE TABLE rollup_conversation (
  conversation TEXT NOT NULL,
  hour INTEGER NOT NULL,
  requests INTEGER NOT NULL, other_requests INTEGER NOT NULL,
  input_uncached INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
  output_total INTEGER NOT NULL, thinking INTEGER NOT NULL,
  errors INTEGER NOT NULL, interrupted INTEGER NOT NULL, unreported INTEGER NOT NULL, retries INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (conversation, hour)
) STRICT, WITHOUT ROWID;
INSERT INTO rollup_conversation SELECT conversation, hour, requests, other_requests,
  input_uncached, cache_read, cache_write, output_total, thinking, errors, interrupted, unreported, retries,
  first_at, last_at
FROM rollup_conversation_before ORDER BY conversation, hour;
DROP TABLE rollup_conversation_before;
CREATE INDEX rollup_conversation_hour ON rollup_conversation (hour);
)sql";

// How a row was carried, which older rows do not tell. A prewarm shows its tokens and counts as none of them.
constexpr const char* transports = R"sql(
ALTER TABLE exchanges ADD COLUMN transport TEXT NOT NULL DEFAULT '';

DROP VIEW booked;
CREATE VIEW booked AS SELECT
  id, started_at, started_at / 3600000 AS hour,
  CASE WHEN requested_model <> '' THEN requested_model ELSE served_model END AS model,
  host, provider, kind, status, conversation, executable AS process, rules AS rule,
  kind = 'model' AS requests, kind <> 'model' AS other_requests,
  (kind <> 'prewarm') * coalesce(input_uncached, 0) AS input_uncached,
  (kind <> 'prewarm') * coalesce(cache_read, 0) AS cache_read,
  (kind <> 'prewarm') * coalesce(cache_write, 0) AS cache_write,
  (kind <> 'prewarm') * coalesce(output_total, 0) AS output_total,
  (kind <> 'prewarm') * coalesce(thinking, 0) AS thinking,
  kind = 'model' AND status = 'error' AS errors, kind = 'model' AND status = 'interrupted' AS interrupted,
  kind = 'model' AND status = 'unreported' AS unreported, kind = 'model' AND attempt > 0 AS retries,
  started_at AS first_at, started_at AS last_at
FROM exchanges;
)sql";

// What passed without being read: no row and no sum has any of it. There are few entries, and each is added to.
constexpr const char* unread = R"sql(
CREATE TABLE unread (
  host TEXT NOT NULL, path TEXT NOT NULL, why TEXT NOT NULL,
  connections INTEGER NOT NULL, bytes INTEGER, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (host, path, why)
) STRICT, WITHOUT ROWID;
)sql";

// Answers repeat their ids, so that an id joins rows and makes none unique. Fetches of an answer are not found by it,
// however many there are, except those that count as its call.
constexpr const char* repeated_ids = R"sql(
DROP INDEX exchanges_response;
CREATE INDEX exchanges_response ON exchanges (response_id, host) WHERE response_id <> '' AND kind <> 'other';
CREATE INDEX exchanges_fetch ON exchanges (response_id, host) WHERE request_kind = 'fetch' AND kind = 'model';
)sql";

// Parts with a price of their own, what else decides a price, and how many calls did not report what is summed. Where
// rows were deleted, the sums do not know of the latter.
constexpr const char* billed_parts = R"sql(
ALTER TABLE exchanges ADD COLUMN cache_write_1h INTEGER;
ALTER TABLE exchanges ADD COLUMN audio_input INTEGER;
ALTER TABLE exchanges ADD COLUMN image_input INTEGER;
ALTER TABLE exchanges ADD COLUMN audio_output INTEGER;
ALTER TABLE exchanges ADD COLUMN image_output INTEGER;
ALTER TABLE exchanges ADD COLUMN service_tier TEXT NOT NULL DEFAULT '';
ALTER TABLE exchanges ADD COLUMN speed TEXT NOT NULL DEFAULT '';
ALTER TABLE exchanges ADD COLUMN region TEXT NOT NULL DEFAULT '';
ALTER TABLE exchanges ADD COLUMN web_searches INTEGER;
ALTER TABLE exchanges ADD COLUMN web_fetches INTEGER;
ALTER TABLE exchanges ADD COLUMN audio_ms INTEGER;
ALTER TABLE exchanges ADD COLUMN provider_cost INTEGER;
ALTER TABLE exchanges ADD COLUMN usage_flags INTEGER NOT NULL DEFAULT 0;

DROP VIEW booked;
CREATE VIEW booked AS SELECT
  id, started_at, started_at / 3600000 AS hour,
  CASE WHEN requested_model <> '' THEN requested_model ELSE served_model END AS model,
  host, provider, kind, status, conversation, executable AS process, rules AS rule,
  kind = 'model' AS requests, kind <> 'model' AS other_requests,
  (kind <> 'prewarm') * coalesce(input_uncached, 0) AS input_uncached,
  (kind <> 'prewarm') * coalesce(cache_read, 0) AS cache_read,
  (kind <> 'prewarm') * coalesce(cache_write, 0) AS cache_write,
  (kind <> 'prewarm') * coalesce(output_total, 0) AS output_total,
  (kind <> 'prewarm') * coalesce(thinking, 0) AS thinking,
  kind = 'model' AND status = 'error' AS errors, kind = 'model' AND status = 'interrupted' AS interrupted,
  kind = 'model' AND status = 'unreported' AS unreported, kind = 'model' AND attempt > 0 AS retries,
  kind = 'model' AND status <> 'error' AND coalesce(input_uncached, cache_read, cache_write) IS NULL
    AS input_unreported,
  kind = 'model' AND status <> 'error' AND cache_read IS NULL AS cache_read_unreported,
  kind = 'model' AND status <> 'error' AND cache_write IS NULL AS cache_write_unreported,
  kind = 'model' AND status <> 'error' AND output_total IS NULL AS output_unreported,
  kind = 'model' AND status <> 'error' AND thinking IS NULL AS thinking_unreported,
  kind = 'model' AND usage_flags <> 0 AS inconsistent,
  (kind <> 'prewarm') * coalesce(cache_write_1h, 0) AS cache_write_1h,
  (kind <> 'prewarm') * coalesce(audio_input, 0) AS audio_input,
  (kind <> 'prewarm') * coalesce(image_input, 0) AS image_input,
  (kind <> 'prewarm') * coalesce(audio_output, 0) AS audio_output,
  (kind <> 'prewarm') * coalesce(image_output, 0) AS image_output,
  (kind <> 'prewarm') * coalesce(web_searches, 0) AS web_searches,
  (kind <> 'prewarm') * coalesce(provider_cost, 0) AS provider_cost,
  started_at AS first_at, started_at AS last_at
FROM exchanges;
)sql";

/// The columns that this version adds to every table of sums, filled in for the hours that still have their rows.
void add_billed_parts(sqlite_connection& connection) {
  constexpr std::array added{"input_unreported",  "cache_read_unreported", "cache_write_unreported",
                             "output_unreported", "thinking_unreported",   "inconsistent",
                             "cache_write_1h",    "audio_input",           "image_input",
                             "audio_output",      "image_output",          "web_searches",
                             "provider_cost"};
  connection.execute(billed_parts);
  for (const std::string_view table :
       {"rollup_hour", "rollup_conversation", "rollup_process", "rollup_rule", "rollup_total", "rollup_day"})
    for (const char* column : added)
      connection.execute("ALTER TABLE " + std::string(table) + " ADD COLUMN " + column + " INTEGER NOT NULL DEFAULT 0");
  using key_columns = std::vector<std::string_view>;
  const std::pair<std::string_view, key_columns> sums_of_rows[]{
      {"rollup_hour", {"hour", "model", "host", "provider", "kind", "status"}},
      {"rollup_conversation", {"hour", "conversation"}},
      {"rollup_process", {"hour", "process"}},
      {"rollup_rule", {"hour", "rule"}}};
  for (const auto& [table, key] : sums_of_rows) {
    std::string taken, summed_up, same, grouped;
    for (const std::string_view column : added) {
      taken.append(taken.empty() ? "" : ", ").append(column).append(" = s.").append(column);
      summed_up.append(", sum(").append(column).append(") AS ").append(column);
    }
    for (const std::string_view column : key) {
      same.append(same.empty() ? "" : " AND ").append(table).append(".").append(column).append(" = s.").append(column);
      grouped.append(grouped.empty() ? "" : ", ").append(column);
    }
    connection.execute("UPDATE " + std::string(table) + " SET " + taken + " FROM (SELECT " + grouped + summed_up +
                       " FROM booked GROUP BY " + grouped + ") AS s WHERE " + same);
  }
}

// The index is for the start of the service, which reads the newest ones.
constexpr const char* transcripts = R"sql(
ALTER TABLE exchanges ADD COLUMN transcript INTEGER;
CREATE INDEX exchanges_transcript ON exchanges (started_at) WHERE transcript IS NOT NULL;
)sql";

// What providers tell of an account's limits: the latest of each window, and what it was before. `changes`: how many of
// them are kept, or more.
constexpr const char* account_windows = R"sql(
CREATE TABLE account_window (
  account TEXT NOT NULL, host TEXT NOT NULL, model TEXT NOT NULL, name TEXT NOT NULL, provider TEXT NOT NULL,
  used INTEGER, quota INTEGER, remaining INTEGER, reset_at INTEGER, minutes INTEGER, status TEXT NOT NULL,
  of_model INTEGER NOT NULL, since INTEGER NOT NULL, seen_at INTEGER NOT NULL, changes INTEGER NOT NULL,
  PRIMARY KEY (account, host, model, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE account_window_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL, host TEXT NOT NULL, model TEXT NOT NULL, name TEXT NOT NULL, provider TEXT NOT NULL,
  used INTEGER, quota INTEGER, remaining INTEGER, reset_at INTEGER, minutes INTEGER, status TEXT NOT NULL,
  of_model INTEGER NOT NULL, since INTEGER NOT NULL, seen_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_window_change_key ON account_window_change (account, host, model, name, seen_at);
CREATE INDEX account_window_change_seen_at ON account_window_change (seen_at);
)sql";

// Rows that were booked anew (corrections.hpp): what they were, as JSON, and what they are.
constexpr const char* corrections = R"sql(
CREATE TABLE corrections (
  exchange INTEGER NOT NULL, corrected_at INTEGER NOT NULL, why TEXT NOT NULL,
  before TEXT NOT NULL, after TEXT NOT NULL, program TEXT NOT NULL,
  PRIMARY KEY (exchange, corrected_at)
) STRICT, WITHOUT ROWID;
)sql";

/// What a report groups by, and the roll-up by hour that it is summed from. The first one is not grouped.
struct dimension {
  std::string_view name;
  std::string_view column;
  std::string_view table;
  bool by_day = true;
};
constexpr std::array dimensions{dimension{"all", "''", "rollup_hour", false},
                                dimension{"model", "model", "rollup_hour"},
                                dimension{"host", "host", "rollup_hour"},
                                dimension{"status", "status", "rollup_hour"},
                                dimension{"conversation", "conversation", "rollup_conversation", false},
                                dimension{"process", "process", "rollup_process"},
                                dimension{"rule", "rule", "rollup_rule"}};

/// A table of sums that are coarser than those of hours.
struct coarse_table {
  std::string_view name;
  std::string_view span;     // the columns of its key before the dimension, each with a comma
  std::string_view of_hour;  // those of an hour
};
constexpr coarse_table total_table{"rollup_total", "", ""};
constexpr coarse_table day_table{"rollup_day", "day, ", "hour / 24, "};

/// SELECT span, name and sums, of the hours.
std::string of_hours(const coarse_table& table, const dimension& of, std::string_view further) {
  std::string sql = "SELECT " + std::string(table.of_hour);
  sql.append("'").append(of.name).append("' AS dimension, ").append(of.column).append(" AS name");
  for (const std::string_view column : summed) sql.append(", sum(").append(column).append(")");
  sql.append(further).append(" FROM ").append(of.table).append(" GROUP BY ").append(table.of_hour);
  return sql + "name";
}

void fill(sqlite_connection& connection, const coarse_table& table, const dimension& of) {
  std::string columns = std::string(table.span) + "dimension, name";
  for (const std::string_view column : summed) columns.append(", ").append(column);
  connection.execute("INSERT INTO " + std::string(table.name) + " (" + columns + ", first_at, last_at) " +
                     of_hours(table, of, ", min(first_at), max(last_at)"));
}

/// Groups for which nothing counts may be missing on either side.
bool is_sum_of_hours(sqlite_connection& connection, const coarse_table& table, const dimension& of) {
  constexpr std::string_view not_empty = " HAVING sum(requests) + sum(other_requests) > 0";
  std::string kept = "SELECT " + std::string(table.span) + "dimension, name";
  for (const std::string_view column : summed) kept.append(", ").append(column);
  kept.append(" FROM ").append(table.name).append(" WHERE dimension = '").append(of.name);
  kept.append("' AND requests + other_requests > 0");
  const std::string counted = of_hours(table, of, "") + std::string(not_empty);
  return connection.number("SELECT EXISTS (SELECT * FROM (" + kept + ") EXCEPT SELECT * FROM (" + counted +
                           ")) OR EXISTS (SELECT * FROM (" + counted + ") EXCEPT SELECT * FROM (" + kept + "))") == 0;
}

/// A step from one version to the next.
struct migration {
  const char* sql = nullptr;
  void (*run)(sqlite_connection&) = nullptr;  // where SQL alone would repeat itself
};
constexpr std::array migrations{migration{version_1},
                                migration{attribution},
                                migration{processes},
                                migration{rewrites},
                                migration{all_time},
                                migration{days},
                                migration{conversation_hours},
                                migration{transports},
                                migration{unread},
                                migration{repeated_ids},
                                migration{nullptr, add_billed_parts},
                                migration{transcripts},
                                migration{account_windows},
                                migration{corrections}};

void apply(sqlite_connection& connection, const migration& step) {
  if (step.sql != nullptr) connection.execute(step.sql);
  if (step.run != nullptr) step.run(connection);
}

}  // namespace

bool check_identity(sqlite_connection& connection) {
  const std::int64_t id = connection.number("PRAGMA application_id");
  const std::int64_t version = connection.number("PRAGMA user_version");
  const std::int64_t objects = connection.number("SELECT count(*) FROM sqlite_schema");
  if (id == 0 && version == 0 && objects == 0) return false;
  if (id != ledger_application_id)
    throw sqlite_failure(SQLITE_NOTADB, "it is a database, but not a zerogravity ledger");
  if (version > static_cast<std::int64_t>(migrations.size()))
    throw sqlite_failure(SQLITE_SCHEMA, "its schema version " + std::to_string(version) + " is newer than " +
                                            std::to_string(migrations.size()) +
                                            ", the newest known to this program; update zerogravity");
  return true;
}

std::int64_t newest_version() {
  return static_cast<std::int64_t>(migrations.size());
}

void migrate(sqlite_connection& connection, std::int64_t to) {
  // An up-to-date ledger opens without waiting for its lock.
  if (connection.number("PRAGMA user_version") == to) return;
  sqlite_transaction transaction(connection, sqlite_transaction::kind::write);
  // Asked again under the lock: another process may have been first.
  check_identity(connection);
  const std::int64_t version = connection.number("PRAGMA user_version");
  for (std::int64_t next = version; next < to; ++next) apply(connection, migrations[static_cast<std::size_t>(next)]);
  if (version < to) {
    if (to == newest_version()) sum_up_hours(connection);
    connection.execute("PRAGMA application_id = " + std::to_string(ledger_application_id));
    connection.execute("PRAGMA user_version = " + std::to_string(to));
  }
  transaction.commit();
}

bool sums_fit(sqlite_connection& connection) {
  // First and last of all three: a look at a few rows. Who has changed the ledger from outside has hardly kept these.
  return connection.number(
             "WITH t AS (SELECT min(first_at) AS first, max(last_at) AS last FROM rollup_total WHERE dimension = "
             "'all') "
             "SELECT (SELECT min(hour) FROM rollup_hour) IS first / 3600000 AND "
             "(SELECT min(day) FROM rollup_day) IS first / 86400000 AND "
             "(SELECT max(last_at) FROM rollup_hour WHERE hour = (SELECT max(hour) FROM rollup_hour)) IS last AND "
             "(SELECT max(last_at) FROM rollup_day WHERE day = (SELECT max(day) FROM rollup_day)) IS last FROM t") != 0;
}

void sum_up_hours(sqlite_connection& connection) {
  connection.execute("DELETE FROM rollup_total; DELETE FROM rollup_day");
  for (const dimension& each : dimensions) {
    fill(connection, total_table, each);
    if (each.by_day) fill(connection, day_table, each);
  }
}

std::vector<std::string> unlike_hours(sqlite_connection& connection) {
  std::vector<std::string> tables;
  const auto look_at = [&](const coarse_table& table, auto has) {
    if (std::ranges::any_of(
            dimensions, [&](const dimension& each) { return has(each) && !is_sum_of_hours(connection, table, each); }))
      tables.emplace_back(table.name);
  };
  look_at(total_table, [](const dimension&) { return true; });
  look_at(day_table, [](const dimension& each) { return each.by_day; });
  return tables;
}

std::int64_t rows_from(sqlite_connection& connection) {
  return connection.number("SELECT value FROM watermarks WHERE name = 'rows_from'");
}

void set_rows_from(sqlite_connection& connection, std::int64_t at) {
  connection.prepared("UPDATE watermarks SET value = max(value, ?1) WHERE name = 'rows_from'").with(at).run();
}

}  // namespace usage
