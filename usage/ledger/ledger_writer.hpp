#pragma once

// The one that writes: a thread of its own with a bounded queue, so that no stream ever waits for a disk. It takes
// everything queued, inserts it in one transaction, or in parts where it does not fit, and keeps it and tries again
// with growing pauses while the file is locked, full or failing; ledger_store knows which file that is. Retention runs
// on the same thread, at start, when an hour has passed between two inserts, and when the file has outgrown its limit;
// rows go first. One mutex guards the queue and the counters, held for a push, a swap or a copy of the state, never
// during I/O.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "usage/ledger/ledger_store.hpp"

namespace usage {

struct ledger_writer_state {
  bool healthy = true;              // the last attempt to write succeeded
  std::string last_error;           // why not; empty while healthy
  std::string trouble;              // of the ledger's own file, with what to do; rows may go beside it meanwhile
  std::string retention_error;      // of the last attempt to delete old rows; empty if it succeeded
  std::size_t queued = 0;           // rows and notes that wait, those being written included
  std::uint64_t committed = 0;      // rows stored
  std::uint64_t duplicates = 0;     // rows of responses that were stored already
  std::uint64_t dropped = 0;        // rows refused: the queue was full, or the writer had been stopped
  std::uint64_t deleted = 0;        // old rows, by retention
  std::int64_t clock_ahead_ms = 0;  // of the time that can be believed, by which rows grow old; at the last retention
  std::uint64_t moved = 0;          // stored rows that were placed anew
  std::uint64_t dropped_notes = 0;  // refused for the same reasons: a row stays where it is, a call is not compared,
                                    // a connection that was not read is not counted
  std::uint64_t lost = 0;           // rows and notes taken but not stored when stop() ran out of time
};

struct ledger_writer_options {
  std::size_t queue = 65536;  // rows and notes that wait, those being written included (ledger.queue)
  /// A commit is synced to the disk, which costs far more than a row: commits come no closer than this. A row that
  /// comes after a quiet time is committed at once, a busy service writes batches, and flush() waits for nothing.
  std::chrono::milliseconds commit_interval{50};
  std::chrono::milliseconds first_pause{50};  // after a failure; doubles up to max_pause
  std::chrono::milliseconds max_pause{5000};
  std::function<std::int64_t()> now;     // Unix ms; the system clock if empty
  std::function<clock_reading()> clock;  // for retention; the machine's if empty, or that `now` shows, believed
  /// After each attempt to insert or delete, good or bad, on the writer's thread: for logs and metrics. Must not throw
  /// or wait.
  std::function<void(const ledger_writer_state&)> on_attempt;
  /// What has happened to the file and been mended, in words; on the same thread and with the same duties.
  std::function<void(const std::string&)> on_note;
};

class ledger_writer {
 public:
  ledger_writer(ledger_store store, ledger_writer_options options);
  /// stop() without patience.
  ~ledger_writer();
  ledger_writer(const ledger_writer&) = delete;
  ledger_writer& operator=(const ledger_writer&) = delete;

  /// Any thread; never blocks on I/O. False: refused and counted, `record` is untouched.
  bool post(usage_record&& record);

  /// The same for all that is not a row, which may fill three quarters of the queue, so that rows find room. Written in
  /// the order of posting, so that a placement finds its row.
  bool note(ledger_entry&& entry);

  /// Without the lock that rows need.
  ledger_writer_state state() const;

  /// Where rows go now, and so what reports are read from.
  std::filesystem::path file() const;

  /// The writer's thread looks whether the file is still what it was, as it does before every commit. Returns at once.
  void look();

  /// Who reads the file has found it damaged: as if a write had met it.
  void distrust(std::string why);

  /// Looks through the pages of the file on a thread of its own, for at most `limit`, and ends with the writer. Found
  /// damage is as if a write had met it. Once.
  void look_through_pages(std::chrono::milliseconds limit);

  /// Blocks until every row that was posted before is stored (or lost), at most for `limit`: a reader that comes
  /// afterwards sees them. False: the limit passed first.
  bool flush(std::chrono::milliseconds limit);

  /// Writes what is queued, trying until `patience` is over (one attempt is always made and may overrun it by the busy
  /// timeout). Rows posted from now on are refused. Returns the rows that are lost.
  std::uint64_t stop(std::chrono::milliseconds patience);

 private:
  class worker;
  std::unique_ptr<worker> worker_;
};

}  // namespace usage
