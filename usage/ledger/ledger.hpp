#pragma once

// The durable store: one SQLite file (WAL, STRICT tables). One connection writes, readers (ledger_reader) open their
// own. Roll-ups are maintained in the transaction that inserts the rows, so a report never scans history and survives
// retention. A commit is synced before a reader can see it: what was shown survives the end of the process or the
// power. Every call blocks: it runs on the writer's thread or on the blocking pool, never on an executor thread.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include <boost/system/result.hpp>

#include "usage/ledger/believable_clock.hpp"
#include "usage/ledger/ledger_file.hpp"
#include "usage/ledger/usage_totals.hpp"
#include "usage/placement.hpp"
#include "usage/server_call.hpp"
#include "usage/unread_note.hpp"
#include "usage/usage_record.hpp"

namespace usage {

struct ledger_options {
  std::filesystem::path file;
  std::int64_t retention_days = 400;   // of single rows; roll-ups stay (ledger.retention_days)
  std::int64_t max_bytes = 2ll << 30;  // of the file; the oldest rows go first (ledger.max_size)
  std::int64_t busy_timeout_ms = 250;  // how long a locked file is waited for (ledger.busy_timeout)
};

struct ledger_error {
  int sqlite_code = 0;  // extended
  std::string message;  // what was tried, on which file, and SQLite's words
};

template <class T>
using ledger_result = boost::system::result<T, ledger_error>;

/// For result::value().
[[noreturn]] void throw_exception_from_error(const ledger_error& error, const boost::source_location& where);

struct insert_outcome {
  std::size_t inserted = 0;
  std::size_t duplicates = 0;  // of a response that is booked already
  std::size_t moved = 0;       // booked rows that were placed anew
};

/// What can be written: a row, where a row that was written before belongs, what the language server tells, and what
/// was not read.
using ledger_entry =
    std::variant<usage_record, placement, server_call, conversation_turn, conversation_parent, unread_note>;

struct retention_outcome {
  std::int64_t deleted = 0;  // rows
  bool more = false;         // call again: there is more to delete or to give back
};

/// A token count above this is booked as this, a negative one as 0 (raw_usage keeps the provider's words): sums of
/// 64 bits must not overflow because of one absurd answer.
inline constexpr std::int64_t max_booked_tokens = 1'000'000'000'000;

class ledger {
 public:
  /// Opens the file or creates it (mode 0600; its directory must exist), brings its schema up to date and compares it
  /// with what it should be. A file that is not a ledger, is damaged, or was written by a newer version is an error and
  /// stays as it is.
  static ledger_result<ledger> open(const ledger_options& options);

  ~ledger();
  ledger(ledger&&) noexcept;
  ledger& operator=(ledger&&) noexcept;

  /// All rows or none. A response (response_id, host) is booked once: a further row of it only completes the first with
  /// the usage and the conversation that the first lacked, and counts as a duplicate. Rows without a response_id are
  /// all booked.
  ledger_result<insert_outcome> insert(std::span<const usage_record> rows);

  /// The same for everything that can be written, in this order. A placement of a row that is not there is passed over.
  ledger_result<insert_outcome> write(std::span<const ledger_entry> entries);

  /// One bounded step; `now` in Unix ms. Deletes rows older than retention_days; while the file is larger than
  /// max_bytes, deletes the oldest rows until a tenth of it is free, and gives free pages back. Roll-ups stay, except
  /// that those by conversation go, oldest first, once no row is left to delete. The write-ahead log (a few MiB) comes
  /// on top.
  ledger_result<retention_outcome> apply_retention(std::int64_t now);

  /// The time that apply_retention may go by; what was seen is kept for the next look, by this process or a later one.
  ledger_result<clock_memory> look_at_clock(const clock_reading& now);

  /// Larger than max_bytes: apply_retention has something to do.
  ledger_result<bool> oversized() const;

  const std::filesystem::path& file() const noexcept;
  const ledger_options& options() const noexcept;

  /// Whether the file is still at its path, and its log: cheap, for every commit.
  ledger_file::place place() const;

  /// Moves what is in the log into the file, so that the log's space is free again.
  ledger_result<void> flush_log();

  /// Everything as it is, into a new file: also of a ledger whose file has lost its name. Fails if the file exists.
  ledger_result<void> copy_to(const std::filesystem::path& file);

  /// What another ledger holds is written to this one as well, and the other is gone; what is here already is not
  /// booked twice. SQLITE_BUSY if somebody has the other open.
  ledger_result<insert_outcome> take_over(const ledger_options& other);

  /// Before it is closed because another file has, or will have, its name: closing touches no log there.
  void leave_log();
  /// Those of the log's files that are its own.
  void remove_log();

  /// No name leads to its file any more.
  bool nameless() const;

 private:
  struct state;
  explicit ledger(std::unique_ptr<state> opened);

  std::unique_ptr<state> state_;
};

}  // namespace usage
