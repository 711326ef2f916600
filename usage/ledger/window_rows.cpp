#include "usage/ledger/window_rows.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace usage {
namespace {

constexpr std::string_view window_columns =
    "account, host, model, name, provider, used, quota, remaining, reset_at, minutes, status, of_model, since, seen_at";
constexpr std::string_view places = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14";
constexpr std::string_view of_window = " WHERE account = ?1 AND host = ?2 AND model = ?3 AND name = ?4";
constexpr std::string_view as_asked = "(?1 = '' OR account = ?1) AND (?2 = '' OR host = ?2) AND (?3 = '' OR name = ?3)";
constexpr std::int64_t trimmed_at = max_window_changes + max_window_changes / 8;  // so that few changes trim

std::string sql(std::string_view first, std::string_view second, std::string_view third = {},
                std::string_view fourth = {}) {
  return std::string(first).append(second).append(third).append(fourth);
}

/// Starts a statement whose first places are the columns.
template <class... Others>
sqlite_statement& with_row(sqlite_statement& statement, const account_window& row, std::string_view provider,
                           const Others&... others) {
  const limit_window& w = row.window;
  return statement.with(row.account, row.host, row.model, w.name, provider, w.used, w.limit, w.left, w.reset, w.minutes,
                        w.status, w.of_model ? 1 : 0, row.since, row.seen_at, others...);
}

template <class... Others>
account_window read_row(sqlite_statement& statement, Others&... others) {
  account_window row;
  limit_window& w = row.window;
  std::string provider_name;
  std::int64_t of_model = 0;
  statement.read(row.account, row.host, row.model, w.name, provider_name, w.used, w.limit, w.left, w.reset, w.minutes,
                 w.status, of_model, row.since, row.seen_at, others...);
  w.of_model = of_model != 0;
  row.provider = provider_from(provider_name).value_or(provider::unknown);
  return row;
}

struct kept_window {
  account_window row;
  std::int64_t changes = 0;
};

std::optional<kept_window> find(sqlite_connection& connection, const account_window& like) {
  static const std::string select = sql("SELECT ", window_columns, ", changes FROM account_window", of_window);
  std::optional<kept_window> found;
  sqlite_statement& row = connection.prepared(select).with(like.account, like.host, like.model, like.window.name);
  while (row.step()) {
    found.emplace();
    found->row = read_row(row, found->changes);
  }
  return found;
}

void keep(sqlite_connection& connection, const account_window& latest, std::int64_t changes) {
  static const std::string replace =
      sql("INSERT OR REPLACE INTO account_window (", window_columns, ", changes) VALUES (", sql(places, ", ?15)"));
  with_row(connection.prepared(replace), latest, to_string(latest.provider), changes).run();
}

/// False: it is there already.
bool add_change(sqlite_connection& connection, const account_window& change) {
  static const std::string insert =
      sql("INSERT OR IGNORE INTO account_window_change (", window_columns, ") VALUES (", sql(places, ")"));
  with_row(connection.prepared(insert), change, to_string(change.provider)).run();
  return connection.changes() != 0;
}

void trim_changes(sqlite_connection& connection, const account_window& of) {
  static const std::string oldest =
      sql("DELETE FROM account_window_change WHERE id IN (SELECT id FROM account_window_change", of_window,
          " ORDER BY seen_at DESC LIMIT -1 OFFSET ?5)");
  connection.prepared(oldest).with(of.account, of.host, of.model, of.window.name, max_window_changes).run();
}

/// Returns how many changes are counted now.
std::int64_t change(sqlite_connection& connection, const account_window& told, std::int64_t before) {
  const std::int64_t changes = before + (add_change(connection, told) ? 1 : 0);
  if (changes <= trimmed_at) return changes;
  trim_changes(connection, told);
  return max_window_changes;
}

void make_room(sqlite_connection& connection) {
  if (connection.number("SELECT count(*) FROM account_window") < max_account_windows) return;
  connection.execute(
      "DELETE FROM account_window_change WHERE (account, host, model, name) IN "
      "(SELECT account, host, model, name FROM account_window ORDER BY seen_at LIMIT 1);"
      "DELETE FROM account_window WHERE (account, host, model, name) IN "
      "(SELECT account, host, model, name FROM account_window ORDER BY seen_at LIMIT 1)");
}

/// Every row of the table, in the order of its key or of its ids.
std::vector<account_window> all_of(sqlite_connection& connection, std::string_view table) {
  std::vector<account_window> all;
  sqlite_statement& row = connection.prepared(sql("SELECT ", window_columns, " FROM ", table)).with();
  while (row.step()) all.push_back(read_row(row));
  return all;
}

/// A window of another ledger, whose changes are written already.
void merge_latest(sqlite_connection& to, const account_window& other) {
  account_window latest = other;
  if (const auto known = find(to, other)) {
    if (known->row.seen_at >= other.seen_at) latest = known->row;
    if (tells_the_same(known->row.window, other.window)) latest.since = std::min(known->row.since, other.since);
  } else {
    make_room(to);
  }
  trim_changes(to, latest);
  keep(to, latest, max_window_changes);
}

}  // namespace

void write_window(sqlite_connection& connection, const account_window& told) {
  account_window latest = told;
  const auto known = find(connection, told);
  if (!known) {
    make_room(connection);
    latest.since = told.seen_at;
    return keep(connection, latest, change(connection, latest, 0));
  }
  const std::int64_t late = known->row.seen_at - told.seen_at;
  if (late > 0 && late <= max_window_lateness) return;
  const bool news = !tells_the_same(known->row.window, told.window);
  latest.since = news ? told.seen_at : known->row.since;
  keep(connection, latest, news ? change(connection, latest, known->changes) : known->changes);
}

window_page read_windows(sqlite_connection& connection, const window_query& query) {
  static const std::string select = sql("SELECT ", window_columns, " FROM account_window WHERE ",
                                        sql(as_asked, " ORDER BY seen_at DESC, account, host, name, model"));
  window_page page;
  sqlite_statement& row = connection.prepared(select).with(query.account, query.host, query.window);
  while (row.step()) page.windows.push_back(read_row(row));
  return page;
}

window_page read_window_changes(sqlite_connection& connection, const window_query& query) {
  static const std::string select = sql("SELECT ", window_columns, ", id FROM account_window_change WHERE ",
                                        sql(as_asked, " AND id < ?4 ORDER BY id DESC LIMIT ?5"));
  const std::int64_t before = query.after.value_or(std::numeric_limits<std::int64_t>::max());
  window_page page;
  sqlite_statement& row =
      connection.prepared(select).with(query.account, query.host, query.window, before, query.limit + 1);
  while (row.step()) {
    std::int64_t id = 0;
    account_window each = read_row(row, id);
    each.id = id;
    page.windows.push_back(std::move(each));
  }
  page.has_more = page.windows.size() > static_cast<std::size_t>(query.limit);
  if (page.has_more) page.windows.pop_back();
  return page;
}

std::int64_t forget_windows(sqlite_connection& connection, std::int64_t boundary, std::int64_t limit) {
  connection.prepared("DELETE FROM account_window WHERE seen_at < ?1").with(boundary).run();
  connection
      .prepared(
          "DELETE FROM account_window_change WHERE id IN "
          "(SELECT id FROM account_window_change WHERE seen_at < ?1 LIMIT ?2)")
      .with(boundary, limit)
      .run();
  return connection.changes();
}

std::optional<std::int64_t> oldest_window(sqlite_connection& connection) {
  std::optional<std::int64_t> at;
  sqlite_statement& row = connection
                              .prepared(
                                  "SELECT min(at) FROM (SELECT min(seen_at) AS at FROM account_window_change "
                                  "UNION ALL SELECT min(seen_at) FROM account_window)")
                              .with();
  while (row.step()) row.read(at);
  return at;
}

void move_windows(sqlite_connection& from, sqlite_connection& to) {
  const auto latest = all_of(from, "account_window");
  if (latest.empty()) return;
  sqlite_transaction all(to, sqlite_transaction::kind::write);
  for (const account_window& each : all_of(from, "account_window_change ORDER BY id")) add_change(to, each);
  for (const account_window& each : latest) merge_latest(to, each);
  all.commit();
  from.execute("DELETE FROM account_window; DELETE FROM account_window_change");
}

}  // namespace usage
