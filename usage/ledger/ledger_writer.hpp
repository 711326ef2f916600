#pragma once

// The thread that writes the ledger. It has a bounded queue, so that no stream ever waits for a disk. It inserts
// everything queued in one transaction, or in parts if that does not fit. While the file is locked, full or failing, it
// keeps the rows and tries again after growing pauses. ledger_store knows which file that is. Retention runs on the
// same thread: at start, when an hour has passed between two inserts, and when the file is larger than its limit. Rows
// have priority. One mutex guards the queue and the counters. It is held for a push, a swap or a copy of the state, and
// never during I/O.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "usage/ledger/ledger_store.hpp"

namespace usage {

struct ledger_writer_state {
  bool healthy = true;           // the last attempt to write succeeded
  std::string last_error;        // why not; empty while healthy
  std::string trouble;           // of the ledger's own file, with what to do; rows may go to a separate file meanwhile
  std::string retention_error;   // of the last attempt to delete old rows; empty if it succeeded
  std::size_t queued = 0;        // rows and notes that wait or are being written
  std::uint64_t committed = 0;   // rows stored
  std::uint64_t duplicates = 0;  // rows that were stored already, by their row_key
  std::uint64_t dropped = 0;     // rows refused: the queue was full, or the writer had been stopped
  std::uint64_t deleted = 0;     // old rows, by retention
  std::int64_t clock_ahead_ms = 0;  // of the time that can be believed, by which rows grow old; at the last retention
  std::uint64_t moved = 0;          // stored rows that were moved to another conversation
  std::uint64_t corrected = 0;      // stored rows that were booked anew
  std::uint64_t dropped_notes = 0;  // refused for the same reasons: a row stays where it is, a call is not compared,
                                    // a connection that was not read is not counted, a limit is not known
  std::uint64_t lost = 0;           // rows and notes taken but not stored when stop() ran out of time
};

struct ledger_writer_options {
  std::size_t queue = 65536;  // rows and notes that wait or are being written (ledger.queue)
  /// The least time between two commits. A commit is synced to the disk, which costs far more than a row. A row after a
  /// quiet time is committed at once, a busy service writes batches, and flush() does not wait for this.
  std::chrono::milliseconds commit_interval{50};
  std::chrono::milliseconds first_pause{50};  // after a failure; doubles up to max_pause
  std::chrono::milliseconds max_pause{5000};
  std::function<std::int64_t()> now;     // Unix ms; the system clock if empty
  std::function<clock_reading()> clock;  // for retention; the machine's if empty, or that `now` shows, believed
  /// Called after each attempt to insert or delete, successful or not, on the writer's thread. For logs and metrics.
  /// Must not throw or wait.
  std::function<void(const ledger_writer_state&)> on_attempt;
  /// Called with a line that says what has happened to the file and was repaired. The same rules apply.
  std::function<void(const std::string&)> on_note;
};

class ledger_writer {
 public:
  ledger_writer(ledger_store store, ledger_writer_options options);
  /// Calls stop() without patience.
  ~ledger_writer();
  ledger_writer(const ledger_writer&) = delete;
  ledger_writer& operator=(const ledger_writer&) = delete;

  /// From any thread. Never blocks on I/O. False: the row was refused and counted, and `record` is untouched.
  bool post(usage_record&& record);

  /// The same for everything that is not a row. It may fill three quarters of the queue, so that rows always find room.
  /// Everything is written in the order of posting, so that a placement finds its row.
  bool note(ledger_entry&& entry);

  /// Does not take the lock that rows need.
  ledger_writer_state state() const;

  /// The file that rows go to now, and from which reports are read.
  std::filesystem::path file() const;

  /// Makes the writer's thread check that the file is still the same, as it does before every commit. Returns at once.
  void look();

  /// Tells that a reader has found the file damaged. The effect is the same as if a write had found it.
  void distrust(std::string why);

  /// Checks the pages of the file on a thread of its own, for at most `limit`. The thread ends with the writer. Damage
  /// has the same effect as if a write had found it. Call at most once.
  void look_through_pages(std::chrono::milliseconds limit);

  /// Blocks until every row that was posted before is stored or lost, but at most for `limit`. A later reader sees
  /// these rows. False: the limit passed first.
  bool flush(std::chrono::milliseconds limit);

  /// Writes what is queued, and tries until `patience` is over. At least one attempt is made, which may overrun by the
  /// busy timeout. Rows that are posted from now on are refused. Returns the number of lost rows.
  std::uint64_t stop(std::chrono::milliseconds patience);

 private:
  class worker;
  std::unique_ptr<worker> worker_;
};

}  // namespace usage
