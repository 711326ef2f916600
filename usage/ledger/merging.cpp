#include "usage/ledger/merging.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "usage/ledger/corrections.hpp"
#include "usage/ledger/exchange_row.hpp"
#include "usage/ledger/ledger_file.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/schema_check.hpp"
#include "usage/ledger/unread_rows.hpp"
#include "usage/ledger/window_rows.hpp"

namespace usage {
namespace {

constexpr std::size_t rows_at_once = 1000;

/// Empty if the schema cannot be read.
std::string shared_columns(sqlite_connection& from, const std::string& table, sqlite_connection& to,
                           const std::string& into) {
  std::string names;
  try {
    const auto there = columns_of(from, table);
    for (const column_shape& each : columns_of(to, into)) {
      if (std::ranges::find(there, each.name, &column_shape::name) == there.end()) continue;
      names.append(names.empty() ? "" : ", ").append(each.name);
    }
  } catch (const sqlite_failure&) {
    names.clear();
  }
  return names;
}

bool is_of_the_target(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_FULL || primary == SQLITE_BUSY || primary == SQLITE_READONLY;
}

/// False: the table could not be read to its end.
bool copy_rows(sqlite_connection& from, const std::string& select, sqlite_connection& to, const std::string& insert,
               std::int64_t& read) {
  try {
    sqlite_statement& row = from.prepared(select).with();
    while (row.step()) {
      ++read;
      const auto values = row.cells();
      to.prepared(insert).with_cells(values).run();
    }
    return true;
  } catch (const sqlite_failure& failure) {
    if (is_of_the_target(failure.code())) throw;
    return false;
  }
}

/// How many rows up to `last` have no row_key and the same measures as `row`.
std::int64_t like(sqlite_connection& connection, const usage_record& row, std::int64_t last) {
  constexpr std::string_view by_measure =
      "SELECT count(*) FROM exchanges WHERE started_at = ?1 AND host = ?2 AND path = ?3 AND duration_ms IS ?4 AND "
      "request_bytes = ?5 AND response_bytes = ?6 AND response_id = ?7 AND row_key IS NULL AND id <= ?8";
  std::int64_t found = 0;
  sqlite_statement& question = connection.prepared(by_measure)
                                   .with(row.started_at, row.host, row.path, row.duration_ms, row.request_bytes,
                                         row.response_bytes, row.response_id, last);
  while (question.step()) question.read(found);
  return found;
}

/// A row without a row_key is known by all that was measured of it. Where several have the same measures, as many of
/// them are there as there are such rows: they were written in their order.
bool is_there(const usage_record& row, sqlite_connection& from, sqlite_connection& to) {
  if (row.row_key == 0) return like(to, row, std::numeric_limits<std::int64_t>::max()) >= like(from, row, row.id);
  std::int64_t found = 0;
  sqlite_statement& question = to.prepared("SELECT count(*) FROM exchanges WHERE row_key = ?1").with(row.row_key);
  while (question.step()) question.read(found);
  return found != 0;
}

std::vector<ledger_entry> read_rows(sqlite_connection& from, std::int64_t& last) {
  static const std::string sql = select_exchanges() + " WHERE id > ?1 ORDER BY id LIMIT ?2";
  std::vector<ledger_entry> rows;
  sqlite_statement& row = from.prepared(sql).with(last, rows_at_once);
  while (row.step()) {
    usage_record each = read_exchange(row);
    last = each.id;
    rows.emplace_back(std::move(each));
  }
  return rows;
}

}  // namespace

void copy_database(sqlite_connection& from, const std::filesystem::path& file) {
  const net::descriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (made.get() < 0) throw sqlite_failure(errno == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN, std::strerror(errno));
  sqlite_connection to(file, SQLITE_OPEN_READWRITE, 0);
  sqlite3_backup* backup = sqlite3_backup_init(to.native(), "main", from.native(), "main");
  if (backup == nullptr) throw sqlite_failure(sqlite3_errcode(to.native()), sqlite3_errmsg(to.native()));
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  const int code = stepped == SQLITE_DONE ? finished : stepped;
  if (code == SQLITE_OK) return;
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  throw sqlite_failure(code, sqlite3_errstr(code));
}

copied_rows copy_table(sqlite_connection& from, sqlite_connection& to, const std::string& table,
                       const std::string& into) {
  const std::string names = shared_columns(from, table, to, into);
  if (names.empty()) return {};
  std::string places = "?";
  for (const char c : names) places += c == ',' ? ", ?" : "";
  const std::string insert = "INSERT OR IGNORE INTO " + into + " (" + names + ") VALUES (" + places + ")";
  const std::string select = "SELECT " + names + " FROM " + table + " NOT INDEXED";
  copied_rows copied;
  copied.whole = copy_rows(from, select, to, insert, copied.read);
  // None of these tables has a rowid: the first columns are the key.
  if (!copied.whole)
    copy_rows(from, select + " ORDER BY " + names.substr(0, names.find(',')) + " DESC", to, insert, copied.read);
  return copied;
}

insert_outcome merge_rows(merge_sides sides, const entry_sink& write) {
  sqlite_connection from(sides.from.file, SQLITE_OPEN_READWRITE, sides.from.busy_timeout_ms);
  check_identity(from);
  migrate(from);
  check_schema(from);
  insert_outcome all;
  std::int64_t last = 0;
  for (;;) {
    std::vector<ledger_entry> rows = read_rows(from, last);
    if (rows.empty()) break;
    const std::size_t read = rows.size();
    std::erase_if(rows,
                  [&](const ledger_entry& each) { return is_there(std::get<usage_record>(each), from, sides.to); });
    const insert_outcome written = write(rows);
    all.inserted += written.inserted;
    all.duplicates += written.duplicates + (read - rows.size());
    if (read < rows_at_once) break;
  }
  for (const char* table : copied_tables) copy_table(from, sides.to, table, table);
  move_unread(from, sides.to);
  move_windows(from, sides.to);
  copy_corrections(from, sides.to);
  return all;
}

}  // namespace usage
