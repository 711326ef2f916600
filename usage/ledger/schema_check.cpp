#include "usage/ledger/schema_check.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "usage/ledger/schema.hpp"

namespace usage {
namespace {

constexpr int shown_faults = 20;
constexpr int steps_between_questions = 10'000;

/// What the schema holds, one sentence per thing.
std::set<std::string> things_of(sqlite_connection& connection) {
  constexpr std::string_view objects =
      "SELECT 'the ' || type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'";
  constexpr std::string_view columns =
      "SELECT 'the column ' || m.name || '.' || x.name || CASE m.type WHEN 'view' THEN '' ELSE ' (' || x.type || "
      "CASE WHEN x.\"notnull\" THEN ' NOT NULL' ELSE '' END || CASE WHEN x.pk THEN ', key ' || x.pk ELSE '' END || ')' "
      "END FROM sqlite_schema m, pragma_table_xinfo(m.name) x WHERE m.type IN ('table', 'view') AND m.name NOT LIKE "
      "'sqlite_%'";
  constexpr std::string_view indexed =
      "SELECT 'the column ' || coalesce(x.name, '?') || ' as number ' || x.seqno || ' of ' || "
      "CASE WHEN l.\"unique\" THEN 'unique ' ELSE '' END || CASE WHEN l.partial THEN 'partial ' ELSE '' END || "
      "'index ' || l.name FROM sqlite_schema m, pragma_index_list(m.name) l, pragma_index_info(l.name) x "
      "WHERE m.type = 'table' AND l.name NOT LIKE 'sqlite_%'";
  std::set<std::string> things;
  for (const std::string_view sql : {objects, columns, indexed}) {
    sqlite_statement& row = connection.prepared(sql).with();
    while (row.step()) {
      std::string thing;
      row.read(thing);
      things.insert(std::move(thing));
    }
  }
  return things;
}

std::set<std::string> things_of_version(std::int64_t version) {
  sqlite_connection model(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);
  migrate(model, version);
  return things_of(model);
}

const std::set<std::string>& newest_things() {
  static const std::set<std::string> newest = things_of_version(newest_version());
  return newest;
}

std::vector<std::string> minus(const std::set<std::string>& some, const std::set<std::string>& others) {
  std::vector<std::string> rest;
  std::ranges::set_difference(some, others, std::back_inserter(rest));
  return rest;
}

/// Of an older version: what a later one would make must not be there yet.
std::vector<std::string> premature(const std::set<std::string>& found, const std::set<std::string>& wanted) {
  std::set<std::string> later;
  for (auto& thing : minus(newest_things(), wanted)) later.insert(std::move(thing));
  std::vector<std::string> faults;
  for (const std::string& thing : found)
    if (later.contains(thing)) faults.push_back(thing + " is of a later version than the ledger says to have");
  return faults;
}

/// Of a table that is missing its columns say nothing new.
bool is_told_by(const std::string& fault, const std::vector<std::string>& before) {
  return std::ranges::any_of(before, [&fault](const std::string& other) {
    const auto name = other.substr(other.rfind(' ', other.size() - std::string_view(" is missing").size() - 1) + 1);
    const auto object = name.substr(0, name.find(' '));
    return fault.starts_with("the column " + object + ".") || fault.ends_with("index " + object + " is missing");
  });
}

struct question {
  const std::function<bool()>& go_on;
  bool ended = false;
};

int ask(void* context) {
  auto& asked = *static_cast<question*>(context);
  asked.ended = asked.ended || !asked.go_on();
  return asked.ended ? 1 : 0;
}

}  // namespace

sqlite_connection model_ledger() {
  sqlite_connection model(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);
  migrate(model);
  return model;
}

std::vector<std::string> schema_faults(sqlite_connection& connection) {
  const std::int64_t version = std::min(connection.number("PRAGMA user_version"), newest_version());
  const std::set<std::string> found = things_of(connection);
  const bool older = version < newest_version();
  const std::set<std::string> wanted = older ? things_of_version(version) : newest_things();
  const std::vector<std::string> missing = minus(wanted, found);
  const auto is_column = [](const std::string& thing) { return thing.starts_with("the column "); };
  std::vector<std::string> faults;
  for (const std::string& thing : missing)
    if (!is_column(thing)) faults.push_back(thing + " is missing");
  const std::vector<std::string> objects = faults;
  for (const std::string& thing : missing) {
    if (is_column(thing) && !is_told_by(thing + " is missing", objects)) faults.push_back(thing + " is missing");
  }
  if (older) {
    for (auto& each : premature(found, wanted)) faults.push_back(std::move(each));
  }
  return faults;
}

void check_schema(sqlite_connection& connection) {
  const auto faults = schema_faults(connection);
  if (faults.empty()) return;
  std::string words = "it is damaged: " + faults.front();
  if (faults.size() > 1) words += " (and " + std::to_string(faults.size() - 1) + " more)";
  throw sqlite_failure(SQLITE_CORRUPT, words);
}

page_check check_pages(sqlite_connection& connection, bool thorough, const std::function<bool()>& go_on) {
  page_check outcome;
  question asked{go_on};
  sqlite3_progress_handler(connection.native(), steps_between_questions, ask, &asked);
  try {
    const std::string sql =
        std::string(thorough ? "PRAGMA integrity_check(" : "PRAGMA quick_check(") + std::to_string(shown_faults) + ")";
    sqlite_statement& row = connection.prepared(sql).with();
    while (row.step()) {
      std::string words;
      row.read(words);
      if (words != "ok") outcome.faults.push_back(std::move(words));
    }
  } catch (const sqlite_failure& failure) {
    if (!asked.ended) outcome.faults.emplace_back(failure.what());
  }
  sqlite3_progress_handler(connection.native(), 0, nullptr, nullptr);
  outcome.complete = !asked.ended;
  return outcome;
}

std::vector<column_shape> columns_of(sqlite_connection& connection, const std::string& table) {
  std::vector<column_shape> columns;
  sqlite_statement& row =
      connection.prepared("SELECT name, type, \"notnull\" FROM pragma_table_info(?1) ORDER BY cid").with(table);
  while (row.step()) {
    column_shape& each = columns.emplace_back();
    row.read(each.name, each.type, each.required);
  }
  return columns;
}

}  // namespace usage
