#include "usage/ledger/ledger.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <boost/throw_exception.hpp>

#include "usage/ledger/exchange_row.hpp"
#include "usage/ledger/placing.hpp"
#include "usage/ledger/retention.hpp"
#include "usage/ledger/rollups.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/server_records.hpp"
#include "usage/ledger/sqlite.hpp"

namespace usage {
namespace {

namespace fs = std::filesystem;

// A checkpoint every 1000 pages keeps the log near 4 MiB unless a reader stays; after a long one it is cut to 8 MiB.
constexpr const char* settings =
    "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 8388608;"
    "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF";

/// SQLite would create it readable for everybody.
void create_private(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor >= 0) {
    ::close(descriptor);
  } else if (errno != EEXIST) {
    throw sqlite_failure(SQLITE_CANTOPEN, std::strerror(errno));
  }
}

void make_private(const fs::path& file) {
  constexpr fs::perms wanted = fs::perms::owner_read | fs::perms::owner_write;
  std::error_code error;
  if (fs::status(file, error).permissions() == wanted) return;
  if (!error) fs::permissions(file, wanted, error);
  if (error) throw sqlite_failure(SQLITE_PERM, "its mode cannot be set to 0600: " + error.message());
}

void use_wal(sqlite_connection& connection) {
  std::string mode;
  sqlite_statement& statement = connection.prepared("PRAGMA journal_mode = WAL").with();
  while (statement.step()) statement.read(mode);
  if (mode != "wal") throw sqlite_failure(SQLITE_CANTOPEN, "this file system has no shared memory for a log (WAL)");
}

sqlite_connection open_for_writing(const ledger_options& options) {
  create_private(options.file);
  sqlite_connection connection(options.file, SQLITE_OPEN_READWRITE, options.busy_timeout_ms);
  // Nothing is written before the file is known to be ours. Only an empty file takes auto_vacuum.
  const bool ours = check_identity(connection);
  make_private(options.file);
  if (!ours) connection.execute("PRAGMA auto_vacuum = INCREMENTAL");
  use_wal(connection);
  connection.execute(settings);
  migrate(connection);
  if (!totals_fit(connection)) {
    sqlite_transaction transaction(connection, sqlite_transaction::kind::write);
    sum_up_totals(connection);
    transaction.commit();
  }
  return connection;
}

/// The booked row of the same response, if it has no usage and `record` has.
std::optional<std::int64_t> lacking_usage(sqlite_connection& connection, const usage_record& record) {
  std::optional<std::int64_t> id;
  if (record.tokens == token_usage{}) return id;
  sqlite_statement& row =
      connection
          .prepared(
              "SELECT id FROM exchanges WHERE response_id = ?1 AND response_id <> '' AND host = ?2 AND "
              "coalesce(input_uncached, cache_read, cache_write, output_total, thinking) IS NULL")
          .with(record.response_id, record.host);
  while (row.step()) row.read(id);
  return id;
}

constexpr std::string_view by_chain = "body:previous_response_id";

/// False: a duplicate.
bool insert_row(sqlite_connection& connection, rollups& sums, const usage_record& record) {
  if (insert_exchange(connection, record)) {
    sums.add(connection.last_id());
    return true;
  }
  place_duplicate(connection, sums, record);
  if (const auto id = lacking_usage(connection, record)) {
    sums.subtract(*id);
    complete_exchange(connection, record);
    sums.add_again(*id);
  }
  return false;
}

bool insert_one(sqlite_connection& connection, rollups& sums, const usage_record& record) {
  if (record.attributed_by != by_chain) return insert_row(connection, sums, record);
  usage_record continuing = record;
  continuing.conversation = chained_conversation(connection, sums, record);
  return insert_row(connection, sums, continuing);
}

void write_one(sqlite_connection& connection, rollups& sums, const ledger_entry& entry, insert_outcome& outcome) {
  if (const auto* row = std::get_if<usage_record>(&entry)) {
    ++(insert_one(connection, sums, *row) ? outcome.inserted : outcome.duplicates);
  } else if (const auto* where = std::get_if<placement>(&entry)) {
    outcome.moved += place_row(connection, sums, *where);
  } else if (const auto* call = std::get_if<server_call>(&entry)) {
    write_server_call(connection, *call);
  } else if (const auto* turn = std::get_if<conversation_turn>(&entry)) {
    write_turn(connection, *turn);
  } else if (const auto* parent = std::get_if<conversation_parent>(&entry)) {
    write_parent(connection, *parent);
  }
}

}  // namespace

struct ledger::state {
  ledger_options options;
  sqlite_connection connection;
};

void throw_exception_from_error(const ledger_error& error, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error(error.message), where);
}

ledger::ledger(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
ledger::~ledger() = default;
ledger::ledger(ledger&&) noexcept = default;
ledger& ledger::operator=(ledger&&) noexcept = default;

ledger_result<ledger> ledger::open(const ledger_options& options) {
  return attempt("open the ledger", options.file,
                 [&] { return ledger(std::make_unique<state>(options, open_for_writing(options))); });
}

ledger_result<insert_outcome> ledger::insert(std::span<const usage_record> rows) {
  return attempt("write to the ledger", state_->options.file, [&] {
    insert_outcome outcome;
    sqlite_transaction transaction(state_->connection, sqlite_transaction::kind::write);
    rollups sums(state_->connection);
    for (const usage_record& row : rows)
      ++(insert_one(state_->connection, sums, row) ? outcome.inserted : outcome.duplicates);
    sums.settle();
    transaction.commit();
    return outcome;
  });
}

ledger_result<insert_outcome> ledger::write(std::span<const ledger_entry> entries) {
  return attempt("write to the ledger", state_->options.file, [&] {
    insert_outcome outcome;
    sqlite_transaction transaction(state_->connection, sqlite_transaction::kind::write);
    rollups sums(state_->connection);
    for (const ledger_entry& entry : entries) write_one(state_->connection, sums, entry, outcome);
    sums.settle();
    transaction.commit();
    return outcome;
  });
}

ledger_result<retention_outcome> ledger::apply_retention(std::int64_t now) {
  return attempt("delete old rows of the ledger", state_->options.file,
                 [&] { return retention_step(state_->connection, state_->options, now); });
}

ledger_result<bool> ledger::oversized() const {
  return attempt("read the ledger", state_->options.file,
                 [&] { return file_bytes(state_->connection) > state_->options.max_bytes; });
}

const std::filesystem::path& ledger::file() const noexcept {
  return state_->options.file;
}

}  // namespace usage
