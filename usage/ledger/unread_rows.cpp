#include "usage/ledger/unread_rows.hpp"

#include <limits>
#include <string>
#include <string_view>

namespace usage {
namespace {

// The column "why" holds the word, and after a space the program if one is known.
std::string key_of(const unread_note& note) {
  return note.program.empty() ? note.why : note.why + ' ' + note.program;
}

void split_key(unread_note& note) {
  const auto space = note.why.find(' ');
  if (space == std::string::npos) return;
  note.program = note.why.substr(space + 1);
  note.why.resize(space);
}

constexpr std::string_view add_sql =
    "UPDATE unread SET connections = connections + ?4, bytes = coalesce(bytes + ?5, bytes, ?5), "
    "first_at = min(first_at, ?6), last_at = max(last_at, ?7) WHERE host = ?1 AND path = ?2 AND why = ?3";

bool add(sqlite_connection& connection, const unread_note& to, const unread_note& note) {
  connection.prepared(add_sql)
      .with(to.host, to.path, key_of(to), note.connections, note.bytes, note.first_at, note.last_at)
      .run();
  return connection.changes() != 0;
}

}  // namespace

void write_unread(sqlite_connection& connection, const unread_note& note) {
  if (add(connection, note, note)) return;
  const bool full = connection.number("SELECT count(*) FROM unread") >= static_cast<std::int64_t>(max_unread_entries);
  unread_note entry = note;
  if (full) {
    entry.host = further_hosts;
    entry.path.clear();
    entry.program.clear();
    if (add(connection, entry, note)) return;
  }
  connection.prepared("INSERT INTO unread VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
      .with(entry.host, entry.path, key_of(entry), entry.connections, entry.bytes, entry.first_at, entry.last_at)
      .run();
}

std::vector<unread_note> read_unread(sqlite_connection& connection, const time_range& range) {
  // Divided, not multiplied: the seconds are the client's and of any size.
  constexpr std::string_view sql =
      "SELECT host, path, why, connections, bytes, first_at, last_at FROM unread "
      "WHERE last_at / 1000 >= ?1 AND first_at / 1000 < ?2 ORDER BY last_at DESC, host, path, why";
  std::vector<unread_note> notes;
  sqlite_statement& row = connection.prepared(sql).with(range.start.value_or(0),
                                                        range.end.value_or(std::numeric_limits<std::int64_t>::max()));
  while (row.step()) {
    unread_note& n = notes.emplace_back();
    row.read(n.host, n.path, n.why, n.connections, n.bytes, n.first_at, n.last_at);
    split_key(n);
  }
  return notes;
}

void forget_unread(sqlite_connection& connection, std::int64_t boundary) {
  connection.prepared("DELETE FROM unread WHERE last_at < ?1").with(boundary).run();
}

std::optional<std::int64_t> oldest_unread(sqlite_connection& connection) {
  std::optional<std::int64_t> at;
  sqlite_statement& row = connection.prepared("SELECT min(last_at) FROM unread").with();
  while (row.step()) row.read(at);
  return at;
}

void move_unread(sqlite_connection& from, sqlite_connection& to) {
  const auto notes = read_unread(from, {});
  if (notes.empty()) return;
  sqlite_transaction all(to, sqlite_transaction::kind::write);
  for (const unread_note& each : notes) write_unread(to, each);
  all.commit();
  from.execute("DELETE FROM unread");
}

}  // namespace usage
