#include "usage/ledger/sqlite.hpp"

#include <cerrno>
#include <utility>

namespace usage {
namespace {

[[noreturn]] void fail(sqlite3* handle, int code) {
  int extended = handle ? sqlite3_extended_errcode(handle) : code;
  const int primary = extended & 0xff;
  // SQLite reports a log that has no room in the same way as one that may not be created.
  if (handle && (primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR) && sqlite3_system_errno(handle) == ENOSPC)
    extended = SQLITE_FULL;
  std::string words = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  if (words != sqlite3_errstr(extended)) words.append(" (").append(sqlite3_errstr(extended)).append(")");
  throw sqlite_failure(extended, words);
}

}  // namespace

sqlite_statement::sqlite_statement(sqlite3* handle, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  handle_.reset(statement);
  if (code != SQLITE_OK) fail(handle, code);
}

sqlite_statement& sqlite_statement::with_cells(std::span<const cell> values) {
  sqlite3_reset(handle_.get());
  int index = 0;
  for (const cell& each : values) {
    ++index;
    if (const auto* number = std::get_if<std::int64_t>(&each)) {
      bind(index, *number);
    } else if (const auto* text = std::get_if<std::string>(&each)) {
      bind(index, *text);
    } else if (const auto* real = std::get_if<double>(&each)) {
      check(sqlite3_bind_double(handle_.get(), index, *real));
    } else {
      check(sqlite3_bind_null(handle_.get(), index));
    }
  }
  return *this;
}

std::vector<cell> sqlite_statement::cells() {
  std::vector<cell> values;
  const int count = sqlite3_column_count(handle_.get());
  for (int column = 0; column < count; ++column) {
    switch (sqlite3_column_type(handle_.get(), column)) {
      case SQLITE_INTEGER:
        values.emplace_back(static_cast<std::int64_t>(sqlite3_column_int64(handle_.get(), column)));
        break;
      case SQLITE_FLOAT:
        values.emplace_back(sqlite3_column_double(handle_.get(), column));
        break;
      case SQLITE_NULL:
        values.emplace_back();
        break;
      default:
        get(column, std::get<std::string>(values.emplace_back(std::string())));
    }
  }
  return values;
}

bool sqlite_statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    return false;
  }
  // The message belongs to the connection's last call, so it is copied before the reset.
  try {
    check(code);
  } catch (...) {
    sqlite3_reset(handle_.get());
    throw;
  }
  return false;
}

void sqlite_statement::run() {
  while (step()) {
  }
}

void sqlite_statement::bind(int index, std::string_view text) {
  // A null pointer would bind NULL.
  const char* first = text.data() ? text.data() : "";
  check(sqlite3_bind_text64(handle_.get(), index, first, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_statement::bind(int index, const std::optional<std::int64_t>& value) {
  check(value ? sqlite3_bind_int64(handle_.get(), index, *value) : sqlite3_bind_null(handle_.get(), index));
}

void sqlite_statement::get(int column, std::string& text) {
  const auto* first = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  text.assign(first ? first : "", first ? size : 0);
}

void sqlite_statement::get(int column, std::optional<std::int64_t>& value) {
  value.reset();
  if (sqlite3_column_type(handle_.get(), column) != SQLITE_NULL) value = sqlite3_column_int64(handle_.get(), column);
}

void sqlite_statement::check(int code) {
  if (code != SQLITE_OK) fail(sqlite3_db_handle(handle_.get()), code);
}

sqlite_connection::sqlite_connection(const std::filesystem::path& file, int flags, std::int64_t busy_timeout_ms) {
  sqlite3* handle = nullptr;
  // One thread at a time uses a connection, so SQLite's own mutex would only cost time.
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(handle, code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout_ms));
}

void sqlite_connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(handle_.get(), code);
}

void sqlite_connection::roll_back() noexcept {
  // After some failures SQLite has already rolled back. If this fails, the next opening of the file rolls back.
  sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::int64_t sqlite_connection::number(std::string_view sql) {
  std::int64_t value = 0;
  sqlite_statement& statement = prepared(sql).with();
  while (statement.step()) statement.read(value);
  return value;
}

void sqlite_connection::interrupt_by(std::stop_token stop) {
  constexpr int steps = 4096;  // virtual machine steps between two checks; well below a millisecond
  stop_ = std::make_unique<std::stop_token>(std::move(stop));
  const auto stopped = [](void* asked) {
    return static_cast<int>(static_cast<std::stop_token*>(asked)->stop_requested());
  };
  sqlite3_progress_handler(handle_.get(), stop_->stop_possible() ? steps : 0, stopped, stop_.get());
}

sqlite_statement& sqlite_connection::prepared(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end())
    found = statements_.emplace(std::string(sql), sqlite_statement(handle_.get(), sql)).first;
  return found->second;
}

sqlite_transaction::sqlite_transaction(sqlite_connection& connection, kind which) : connection_(connection) {
  connection_.execute(which == kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

sqlite_transaction::~sqlite_transaction() {
  if (connection_.in_transaction()) connection_.roll_back();
}

void sqlite_transaction::commit() {
  connection_.execute("COMMIT");
}

}  // namespace usage
