#pragma once

// Owns SQLite's handles. Only the ledger's sources include this. One thread at a time uses a connection. Every failure
// is thrown as sqlite_failure, and becomes a ledger_error at the ledger's public functions (attempt()).

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

/// The value of a column whose type is only known at run time.
using cell = std::variant<std::monostate, std::int64_t, double, std::string>;

/// A prepared statement. Bound text is not copied, so it must outlive the last step().
class sqlite_statement {
 public:
  sqlite_statement(sqlite3* handle, std::string_view sql);

  /// Resets the statement and binds these values to ?1, ?2 …
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

  /// True: a row can be read. False: the statement has ended and was reset. A failure resets it, too.
  bool step();
  void run();

  /// The first columns of the row.
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

  /// Runs statements that return no rows.
  void execute(const std::string& sql);
  void roll_back() noexcept;
  /// The single number that `sql` returns; 0 if it returns none.
  std::int64_t number(std::string_view sql);
  /// Each text is prepared only once. There are few texts, and all are the ledger's own.
  sqlite_statement& prepared(std::string_view sql);

  /// Until the next call of this function, statements fail with SQLITE_INTERRUPT once `stop` is requested.
  void interrupt_by(std::stop_token stop);

  std::int64_t last_id() const noexcept { return sqlite3_last_insert_rowid(handle_.get()); }
  std::int64_t changes() const noexcept { return sqlite3_changes64(handle_.get()); }
  bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle_.get()) == 0; }
  bool read_only() const noexcept { return sqlite3_db_readonly(handle_.get(), "main") == 1; }
  /// Makes closing leave the write-ahead log alone. Otherwise the last connection would copy it to the file and delete
  /// it by its name, even if another file's log has that name by then.
  void leave_log() noexcept { sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }
  sqlite3* native() const noexcept { return handle_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };

  std::unique_ptr<std::stop_token> stop_;  // on the heap, because SQLite keeps its address while connections are moved
  std::unique_ptr<sqlite3, closer> handle_;
  std::map<std::string, sqlite_statement, std::less<>> statements_;
};

/// A transaction, which is rolled back unless it is committed.
class sqlite_transaction {
 public:
  enum class kind { read, write };  // write takes the file's lock at once, so it cannot fail later for want of it
  sqlite_transaction(sqlite_connection& connection, kind which);
  ~sqlite_transaction();
  sqlite_transaction(const sqlite_transaction&) = delete;
  sqlite_transaction& operator=(const sqlite_transaction&) = delete;
  void commit();

 private:
  sqlite_connection& connection_;
};

}  // namespace usage
