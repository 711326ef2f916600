#include "usage/ledger/ledger.hpp"

#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/throw_exception.hpp>

#include "usage/ledger/clock_record.hpp"
#include "usage/ledger/corrections.hpp"
#include "usage/ledger/exchange_row.hpp"
#include "usage/ledger/merging.hpp"
#include "usage/ledger/placing.hpp"
#include "usage/ledger/retention.hpp"
#include "usage/ledger/rollups.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/schema_check.hpp"
#include "usage/ledger/server_records.hpp"
#include "usage/ledger/sqlite.hpp"
#include "usage/ledger/unread_rows.hpp"
#include "usage/ledger/window_rows.hpp"

namespace usage {
namespace {

namespace fs = std::filesystem;

// A checkpoint every 1000 pages keeps the log near 4 MiB, unless a reader stays. After a long reader it is cut to 8
// MiB.
constexpr const char* settings =
    "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 8388608;"
    "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF";

/// Called once the file is known to be ours, because a foreign file keeps its mode.
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

sqlite_connection open_for_writing(const fs::path& file, std::int64_t busy_timeout_ms) {
  sqlite_connection connection(file, SQLITE_OPEN_READWRITE, busy_timeout_ms);
  // Nothing is written before the file is known to be ours. Only an empty file takes auto_vacuum.
  const bool ours = check_identity(connection);
  if (connection.read_only()) throw sqlite_failure(SQLITE_READONLY, "it cannot be written");
  make_private(file);
  if (!ours) connection.execute("PRAGMA auto_vacuum = INCREMENTAL");
  use_wal(connection);
  connection.execute(settings);
  migrate(connection);
  check_schema(connection);
  if (!sums_fit(connection)) {
    sqlite_transaction transaction(connection, sqlite_transaction::kind::write);
    sum_up_hours(connection);
    transaction.commit();
  }
  return connection;
}

constexpr std::string_view by_chain = "body:previous_response_id";

/// False: it is there already, with all that followed from it.
bool insert_row(sqlite_connection& connection, rollups& sums, const usage_record& record) {
  const fetched_calls calls(connection, record);
  if (!insert_exchange(connection, calls.row())) return false;
  sums.add(connection.last_id());
  calls.join(sums);
  return true;
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
  } else if (const auto* note = std::get_if<unread_note>(&entry)) {
    write_unread(connection, *note);
  } else if (const auto* window = std::get_if<account_window>(&entry)) {
    write_window(connection, *window);
  } else if (const auto* asked = std::get_if<correction>(&entry)) {
    outcome.corrected += correct_row(connection, sums, *asked);
  } else if (const auto* rows = std::get_if<verified_rows>(&entry)) {
    mark_verified(connection, *rows);
  }
}

}  // namespace

struct ledger::state {
  explicit state(const ledger_options& wanted)
      : options(wanted), file(wanted.file), connection(open_for_writing(file.path(), wanted.busy_timeout_ms)) {
    file.remember();
  }

  ledger_options options;
  ledger_file file;
  sqlite_connection connection;  // declared after the file, so that it closes while the lock is held
};

void throw_exception_from_error(const ledger_error& error, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error(error.message), where);
}

ledger::ledger(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
ledger::~ledger() = default;
ledger::ledger(ledger&&) noexcept = default;
ledger& ledger::operator=(ledger&&) noexcept = default;

ledger_result<ledger> ledger::open(const ledger_options& options) {
  return attempt("open the ledger", options.file, [&] { return ledger(std::make_unique<state>(options)); });
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

ledger_result<clock_memory> ledger::look_at_clock(const clock_reading& now) {
  return attempt("keep the time in the ledger", state_->options.file, [&] {
    constexpr std::int64_t day_ms = 24 * hour_ms;
    constexpr std::int64_t often_enough_ms = 60'000;  // the steps of one retention need not write each time
    sqlite_transaction transaction(state_->connection, sqlite_transaction::kind::write);
    const auto before = recall_clock(state_->connection);
    const auto after =
        before ? usage::look_at_clock(*before, now, state_->options.retention_days * day_ms)
               : first_look_at_clock(state_->connection.number("SELECT max(started_at) FROM exchanges"), now);
    const bool worth = !before || before->seen.boot != now.boot || now.uptime < before->seen.uptime ||
                       now.uptime - before->seen.uptime >= often_enough_ms || after.since_leap < before->since_leap;
    if (worth) remember_clock(state_->connection, after);
    transaction.commit();
    return after;
  });
}

ledger_result<bool> ledger::oversized() const {
  return attempt("read the ledger", state_->options.file,
                 [&] { return file_bytes(state_->connection) > state_->options.max_bytes; });
}

const std::filesystem::path& ledger::file() const noexcept {
  return state_->options.file;
}

ledger_file::place ledger::place() const {
  return state_->file.look();
}

ledger_result<void> ledger::flush_log() {
  return attempt("write to the ledger", state_->options.file, [&] {
    // The first column says whether another connection was in the way.
    if (state_->connection.number("PRAGMA wal_checkpoint(TRUNCATE)") != 0)
      throw sqlite_failure(SQLITE_BUSY, "its log is being read");
  });
}

ledger_result<void> ledger::copy_to(const fs::path& file) {
  return attempt("copy the ledger to", file, [&] { copy_database(state_->connection, file); });
}

ledger_result<insert_outcome> ledger::take_over(const ledger_options& other) {
  return attempt("take over the rows of", other.file, [&] {
    const ledger_lock alone(other.file, ledger_lock::kind::exclusive);
    const insert_outcome taken = merge_rows({state_->connection, other}, [&](std::span<const ledger_entry> entries) {
      auto written = write(entries);
      if (!written) throw sqlite_failure(written.error().sqlite_code, written.error().message);
      return *written;
    });
    flush_log();
    remove_ledger(other.file);
    return taken;
  });
}

void ledger::leave_log() {
  state_->connection.leave_log();
}

void ledger::remove_log() {
  state_->file.remove_log();
}

bool ledger::nameless() const {
  return state_->file.nameless();
}

const ledger_options& ledger::options() const noexcept {
  return state_->options;
}

}  // namespace usage
