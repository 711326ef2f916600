#pragma once

// The durable store: one SQLite file (WAL, STRICT tables). One connection writes; readers (ledger_reader) open their
// own. Roll-ups are updated in the transaction that inserts the rows, so reports never scan the history, and stay the
// same after retention. A commit is synced before a reader can see it, so whatever was shown survives the end of the
// process and a power failure. Every call blocks. Call it on the writer's thread or on the blocking pool, never on an
// executor thread.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include <boost/system/result.hpp>

#include "usage/ledger/clock/believable_clock.hpp"
#include "usage/ledger/ledger_file.hpp"
#include "usage/ledger/usage_totals.hpp"
#include "usage/limits/account_window.hpp"
#include "usage/placement.hpp"
#include "usage/server_call.hpp"
#include "usage/unread_note.hpp"
#include "usage/usage_record.hpp"

namespace usage {

struct ledger_options {
  std::filesystem::path file;
  std::int64_t retention_days = 400;   // of single rows; roll-ups are kept (ledger.retention_days)
  std::int64_t max_bytes = 2ll << 30;  // of the file; the oldest rows are deleted first (ledger.max_size)
  std::int64_t busy_timeout_ms = 250;  // how long a write waits for a lock (ledger.busy_timeout)
};

struct ledger_error {
  int sqlite_code = 0;  // extended
  std::string message;  // what failed, the file, and SQLite's message
};

template <class T>
using ledger_result = boost::system::result<T, ledger_error>;

/// For result::value().
[[noreturn]] void throw_exception_from_error(const ledger_error& error, const boost::source_location& where);

struct insert_outcome {
  std::size_t inserted = 0;
  std::size_t duplicates = 0;  // rows that are there already, by their row_key
  std::size_t moved = 0;       // booked rows that were moved to another conversation
  std::size_t corrected = 0;   // … that were booked anew
};

/// Asks for a row to be booked anew, as its usage object is read today (usage/read_again.hpp). A row that is booked
/// like that stays as it is.
struct correction {
  std::int64_t row = 0;  // its id
  std::int64_t at = 0;   // Unix ms
  std::string program;   // the version that asks
};

/// All rows up to this one are booked as today's dialects read them.
struct verified_rows {
  std::int64_t to = 0;          // an id
  std::int64_t started_at = 0;  // of that row, by which it is known that this is still the same ledger
  std::int64_t dialects = 0;    // dialects_version
};

/// What can be written: a row, the place of an earlier row, what the language server reports, what was not read, and
/// what a provider tells of a limit, and what came of reading rows again.
using ledger_entry = std::variant<usage_record, placement, server_call, conversation_turn, conversation_parent,
                                  unread_note, account_window, correction, verified_rows>;

struct retention_outcome {
  std::int64_t deleted = 0;  // rows
  bool more = false;         // call again, because there is more to delete or to free
};

/// A larger token count is booked as this, and a negative one as 0, so that one absurd response cannot overflow sums of
/// 64 bits. raw_usage keeps the provider's text.
inline constexpr std::int64_t max_booked_tokens = 1'000'000'000'000;

class ledger {
 public:
  /// Opens the file or creates it (mode 0600; its directory must exist), migrates its schema, and checks the schema.
  /// Errors: the file is not a ledger, is damaged, or was written by a newer version. Then it is not changed.
  static ledger_result<ledger> open(const ledger_options& options);

  ~ledger();
  ledger(ledger&&) noexcept;
  ledger& operator=(ledger&&) noexcept;

  /// All rows or none. Every row is booked, also if an answer repeats the id of another; only a row_key that is there
  /// already is a duplicate. A fetch (usage/fetched_answer.hpp) gives its call the usage and the conversation that the
  /// call lacks, and is itself a call only if no row has that call.
  ledger_result<insert_outcome> insert(std::span<const usage_record> rows);

  /// The same for everything that can be written, in this order. The placement of a missing row is ignored.
  ledger_result<insert_outcome> write(std::span<const ledger_entry> entries);

  /// Does one bounded step; `now` is in Unix ms. Deletes rows older than retention_days. If the file is larger than
  /// max_bytes, deletes the oldest rows until a tenth of it is free, and returns free pages to the file system.
  /// Roll-ups are kept, except those by conversation: once no row is left, the oldest of them are deleted. The
  /// write-ahead log (a few MiB) is not counted.
  ledger_result<retention_outcome> apply_retention(std::int64_t now);

  /// The time for apply_retention. The reading is stored for the next call, in this process or a later one.
  ledger_result<clock_memory> look_at_clock(const clock_reading& now);

  /// The file is larger than max_bytes, so apply_retention has something to do.
  ledger_result<bool> oversized() const;

  const std::filesystem::path& file() const noexcept;
  const ledger_options& options() const noexcept;

  /// Whether the file and its log are still at their paths. Cheap enough for every commit.
  ledger_file::place place() const;

  /// Copies the log's content to the file, so that the log's space is free again.
  ledger_result<void> flush_log();

  /// Copies everything unchanged to a new file. Works even if the ledger's file has no name any more. Fails if the new
  /// file exists.
  ledger_result<void> copy_to(const std::filesystem::path& file);

  /// Moves the content of another ledger to this one, and deletes the other. Nothing is booked twice. Fails with
  /// SQLITE_BUSY if the other one is open.
  ledger_result<insert_outcome> take_over(const ledger_options& other);

  /// Call it before closing if another file has, or will have, the ledger's name. Then closing touches no log there.
  void leave_log();
  /// The log's files that belong to this ledger.
  void remove_log();

  /// The file has no name any more.
  bool nameless() const;

 private:
  struct state;
  explicit ledger(std::unique_ptr<state> opened);

  std::unique_ptr<state> state_;
};

}  // namespace usage
