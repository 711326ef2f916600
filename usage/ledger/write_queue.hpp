#pragma once

// The bounded queue of the ledger writer's thread, with its counters. Any thread posts; the writer's thread takes. One
// mutex guards the queue. It is held for a push or a swap, and never during I/O. Another mutex guards the reported
// state, so that a reader of the state takes no lock that a row needs.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "usage/ledger/ledger_writer.hpp"

namespace usage {

class write_queue {
 public:
  using clock = std::chrono::steady_clock;
  using entries = std::vector<ledger_entry>;

  write_queue(std::size_t capacity, const ledger_store& store) : capacity_(capacity), file_(store.file()) {
    state_.trouble = store.trouble();
  }

  // Any thread.

  using counter = std::atomic<std::uint64_t>;
  counter dropped{0};  // see ledger_writer_state
  counter dropped_notes{0};

  /// Takes `entry`. If the queue is full, `entry` stays untouched and `refused` is increased.
  template <class Entry>
  bool post(Entry&& entry, std::size_t most, counter write_queue::* refused);
  std::size_t capacity() const noexcept { return capacity_; }
  ledger_writer_state state() const;
  std::filesystem::path file() const;
  bool flush(std::chrono::milliseconds limit);
  /// Refuses all rows that are posted from now on.
  void stop(std::chrono::milliseconds patience);
  void look();
  void distrust(std::string why);

  // The writer's thread.

  /// What the writer must do in addition to writing.
  struct errand {
    bool look = false;
    std::string distrust;  // why the file is distrusted; empty: it is not
  };
  struct waiting {
    clock::time_point commit_at;                    // not before this time, unless a flush waits
    std::optional<clock::time_point> retention_at;  // when retention is due; the batch may then be empty
  };
  /// Waits for rows, for an errand, or until retention is due. False: the queue is stopped and empty.
  bool take(const waiting& until, entries& batch, errand& asked);

  /// Tells that `taken` entries are stored. `all`: nothing has failed since.
  void committed(const insert_outcome& outcome, std::size_t taken, bool all);
  void failed(const ledger_error& error);
  void retained(const ledger_result<retention_outcome>& outcome);
  void clock_is_ahead(std::int64_t milliseconds);
  void stored_in(const ledger_store& store);

  /// False: the time is up. A stop ends the pause at once, and always leaves one more attempt. `on_refusal` is called
  /// once, without the mutex, if rows are refused meanwhile.
  bool pause(std::chrono::milliseconds length, const std::function<void()>& on_refusal);

  /// Tells that `taken` entries are lost, and everything that waits.
  void give_up(std::size_t taken);

 private:
  /// A queue of this length does not wait for the commit interval.
  std::size_t urgent_rows() const { return capacity_ / 2; }
  void settled(std::size_t rows);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<ledger_entry> queue_;  // a deque, because a push never moves its elements
  errand errand_;
  bool stopping_ = false;
  bool last_attempt_ = false;  // a stop was requested before the last pause began
  bool flushing_ = false;      // a flush waits, so the commit interval does not apply
  bool refused_ = false;       // rows were refused since the last attempt
  std::uint64_t posted_ = 0;   // entries taken in since the start
  std::uint64_t settled_ = 0;  // of these, stored or lost
  std::condition_variable settled_changed_;
  clock::time_point give_up_at_ = clock::time_point::max();

  std::atomic<std::size_t> queued_{0};
  mutable std::mutex told_mutex_;  // guards the two below; never taken by a thread that posts
  ledger_writer_state state_;      // without the counts that are atomics
  std::filesystem::path file_;
};

template <class Entry>
bool write_queue::post(Entry&& entry, std::size_t most, counter write_queue::* refused) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queued_ >= most) {
    ++(this->*refused);
    // A pause of the writer is reported at once.
    if (!refused_) wake_.notify_one();
    refused_ = true;
    return false;
  }
  queue_.emplace_back(std::forward<Entry>(entry));
  ++queued_;
  ++posted_;
  // The thread waits for the first row or for a long queue. Any other row would wake it only to sleep again, and a
  // wake-up costs more than everything else that is done here for a row.
  if (queue_.size() == 1 || queue_.size() == urgent_rows() + 1) wake_.notify_one();
  return true;
}

}  // namespace usage
