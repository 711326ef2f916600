#pragma once

// What waits for the ledger writer's thread, and what became of it: a bounded queue with its counters, shared by all
// that post and the one thread that takes. One mutex guards what waits, held for a push or a swap, never during I/O;
// another guards what is told, so that who asks for the state takes no lock that a row needs.

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
  counter dropped{0};  // as ledger_writer_state has them
  counter dropped_notes{0};

  /// Takes `entry`, or leaves it as it is and counts it in `refused`.
  template <class Entry>
  bool post(Entry&& entry, std::size_t most, counter write_queue::* refused);
  std::size_t capacity() const noexcept { return capacity_; }
  ledger_writer_state state() const;
  std::filesystem::path file() const;
  bool flush(std::chrono::milliseconds limit);
  /// Rows posted from now on are refused.
  void stop(std::chrono::milliseconds patience);
  void look();
  void distrust(std::string why);

  // The writer's thread.

  /// What to do beside writing.
  struct errand {
    bool look = false;
    std::string distrust;  // why; empty: not
  };
  struct waiting {
    clock::time_point commit_at;                    // no earlier, unless somebody waits
    std::optional<clock::time_point> retention_at;  // then the batch may be empty
  };
  /// Waits for rows, for an errand or until retention is due. False: stopped, and nothing is queued.
  bool take(const waiting& until, entries& batch, errand& asked);

  /// `taken` entries are stored; `all`: nothing has failed since.
  void committed(const insert_outcome& outcome, std::size_t taken, bool all);
  void failed(const ledger_error& error);
  void retained(const ledger_result<retention_outcome>& outcome);
  void clock_is_ahead(std::int64_t milliseconds);
  void stored_in(const ledger_store& store);

  /// False: time is up. A stop ends the pause at once and leaves one more attempt, however little patience it has.
  /// `on_refusal` is called when rows are refused meanwhile, once, without the mutex.
  bool pause(std::chrono::milliseconds length, const std::function<void()>& on_refusal);

  /// `taken` entries are lost, and all that wait.
  void give_up(std::size_t taken);

 private:
  /// More of them do not wait for the commit interval.
  std::size_t urgent_rows() const { return capacity_ / 2; }
  void settled(std::size_t rows);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<ledger_entry> queue_;  // a deque: a push never moves what is there
  errand errand_;
  bool stopping_ = false;
  bool last_attempt_ = false;  // the stop was known when the last pause began
  bool flushing_ = false;      // somebody waits: no commit interval
  bool refused_ = false;       // since the last attempt
  std::uint64_t posted_ = 0;   // entries taken in since the start
  std::uint64_t settled_ = 0;  // of these that are stored or lost
  std::condition_variable settled_changed_;
  clock::time_point give_up_at_ = clock::time_point::max();

  std::atomic<std::size_t> queued_{0};
  mutable std::mutex told_mutex_;  // guards the two below; never taken by who posts
  ledger_writer_state state_;      // but for what the atomics count
  std::filesystem::path file_;
};

template <class Entry>
bool write_queue::post(Entry&& entry, std::size_t most, counter write_queue::* refused) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queued_ >= most) {
    ++(this->*refused);
    // A writer that pauses says so at once.
    if (!refused_) wake_.notify_one();
    refused_ = true;
    return false;
  }
  queue_.emplace_back(std::forward<Entry>(entry));
  ++queued_;
  ++posted_;
  // The thread waits for a first row or for a long queue; any other row would wake it only to sleep again, and a
  // wake-up costs more than all else that is done for a row here.
  if (queue_.size() == 1 || queue_.size() == urgent_rows() + 1) wake_.notify_one();
  return true;
}

}  // namespace usage
