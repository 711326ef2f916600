#pragma once

// Ownership of SQLite's handles, for the ledger's sources only. A connection is used by one thread at a time. Every
// failure is thrown as sqlite_failure and becomes a ledger_error at the ledger's public functions (attempt()).

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <sqlite3.h>

#include "usage/ledger/sqlite_failure.hpp"

namespace usage {

/// A value of a column that is only known at run time.
using cell = std::variant<std::monostate, std::int64_t, double, std::string>;

/// A prepared statement. Bound text is not copied: it must live until the last step().
class sqlite_statement {
 public:
  sqlite_statement(sqlite3* handle, std::string_view sql);

  /// Starts over with these values for ?1, ?2 …
  template <class... Values>
  sqlite_statement& with(const Values&... values) {
    sqlite3_reset(handle_.get());
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }

  sqlite_statement& with_cells(std::span<const cell> values);
  /// The whole row.
  std::vector<cell> cells();

  /// True: a row is there to be read. False: the statement is done and reset. A failure resets it, too.
  bool step();
  void run();

  /// The columns of the row, from the first one on.
  template <class... Values>
  void read(Values&... values) {
    int column = 0;
    (get(column++, values), ...);
  }

 private:
  struct finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };

  template <std::integral Number>
  void bind(int index, Number value) {
    check(sqlite3_bind_int64(handle_.get(), index, static_cast<std::int64_t>(value)));
  }
  void bind(int index, std::string_view text);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, const std::optional<std::int64_t>& value);

  template <std::integral Number>
  void get(int column, Number& value) {
    value = static_cast<Number>(sqlite3_column_int64(handle_.get(), column));
  }
  void get(int column, std::string& text);
  void get(int column, std::optional<std::int64_t>& value);

  void check(int code);

  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

class sqlite_connection {
 public:
  sqlite_connection(const std::filesystem::path& file, int flags, std::int64_t busy_timeout_ms);

  /// Runs statements that answer nothing.
  void execute(const std::string& sql);
  void roll_back() noexcept;
  /// The one number that `sql` answers; 0 if it answers none.
  std::int64_t number(std::string_view sql);
  /// Prepared once per text: the texts are the ledger's own and few.
  sqlite_statement& prepared(std::string_view sql);

  /// Statements fail with SQLITE_INTERRUPT once `stop` is requested; until the next call of this.
  void interrupt_by(std::stop_token stop);

  std::int64_t last_id() const noexcept { return sqlite3_last_insert_rowid(handle_.get()); }
  std::int64_t changes() const noexcept { return sqlite3_changes64(handle_.get()); }
  bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle_.get()) == 0; }
  bool read_only() const noexcept { return sqlite3_db_readonly(handle_.get(), "main") == 1; }
  /// Closing leaves the write-ahead log as it is. Otherwise the last connection moves it into the file and deletes it
  /// by its name, whoever's log has that name by then.
  void leave_log() noexcept { sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }
  sqlite3* native() const noexcept { return handle_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };

  std::unique_ptr<std::stop_token> stop_;  // apart: SQLite knows where it is, and connections are moved
  std::unique_ptr<sqlite3, closer> handle_;
  std::map<std::string, sqlite_statement, std::less<>> statements_;
};

/// Rolled back unless committed.
class sqlite_transaction {
 public:
  enum class kind { read, write };  // write waits for the file's lock at once, so that it cannot fail half-way for it
  sqlite_transaction(sqlite_connection& connection, kind which);
  ~sqlite_transaction();
  sqlite_transaction(const sqlite_transaction&) = delete;
  sqlite_transaction& operator=(const sqlite_transaction&) = delete;
  void commit();

 private:
  sqlite_connection& connection_;
};

}  // namespace usage
