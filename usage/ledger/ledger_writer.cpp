#include "usage/ledger/ledger_writer.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

#include "usage/ledger/machine_clock.hpp"
#include "usage/ledger/schema.hpp"

namespace usage {
namespace {

using clock = std::chrono::steady_clock;

std::int64_t system_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

class ledger_writer::worker {
 public:
  worker(ledger store, ledger_writer_options options)
      : store_(std::move(store)), options_(std::move(options)), thread_([this] { run(); }) {}

  /// Takes `entry`, or leaves it as it is and counts it in `refused`.
  using counter = std::atomic<std::uint64_t>;

  template <class Entry>
  bool post(Entry&& entry, std::size_t most, counter worker::* refused);
  std::size_t capacity() const { return options_.queue; }
  ledger_writer_state state() const;
  bool flush(std::chrono::milliseconds limit);
  std::uint64_t stop(std::chrono::milliseconds patience);

  counter dropped{0};        // as ledger_writer_state has them
  counter dropped_notes{0};

 private:
  using entries = std::vector<ledger_entry>;

  void run();
  bool take(entries& batch);
  void write(const entries& batch);
  void committed(const insert_outcome& outcome, std::size_t taken);
  void failed(const ledger_error& error);
  bool pause(std::chrono::milliseconds length);
  void give_up(std::size_t taken);
  void settled(std::size_t rows);
  void plan_retention();
  void retention_step();
  clock_reading read_clock() const;
  /// More of them do not wait for the commit interval.
  std::size_t urgent_rows() const { return options_.queue / 2; }
  std::int64_t now() const { return options_.now ? options_.now() : system_now(); }

  // The thread's own.
  ledger store_;
  const ledger_writer_options options_;
  bool retention_due_ = true;
  clock::time_point retention_at_;                // not before: after a failure it pauses, too
  std::chrono::milliseconds retention_pause_{0};  // the last pause; 0 after a success
  clock::time_point commit_at_;                   // the next one not before
  std::int64_t retention_hour_ = 0;               // Unix hour in which it was last due

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<ledger_entry> queue_;  // a deque: a push never moves what is there
  bool stopping_ = false;
  bool last_attempt_ = false;  // the stop was known when the last pause began
  bool flushing_ = false;      // somebody waits: no commit interval
  std::uint64_t posted_ = 0;   // entries taken in since the start
  std::uint64_t settled_ = 0;  // of these that are stored or lost
  std::condition_variable settled_changed_;
  clock::time_point give_up_at_ = clock::time_point::max();

  std::atomic<std::size_t> queued_{0};
  mutable std::mutex told_mutex_;  // guards state_, but for what the atomics count; never taken by who posts
  ledger_writer_state state_;

  std::thread thread_;  // last: it uses everything above
};

template <class Entry>
bool ledger_writer::worker::post(Entry&& entry, std::size_t most, counter worker::* refused) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queued_ >= most) {
    ++(this->*refused);
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

ledger_writer_state ledger_writer::worker::state() const {
  const std::lock_guard lock(told_mutex_);
  auto now = state_;
  now.queued = queued_;
  now.dropped = dropped;
  now.dropped_notes = dropped_notes;
  return now;
}

bool ledger_writer::worker::flush(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = posted_;
  if (settled_ >= wanted) return true;
  flushing_ = true;
  wake_.notify_one();
  return settled_changed_.wait_for(lock, limit, [&] { return settled_ >= wanted; });
}

/// Under the mutex.
void ledger_writer::worker::settled(std::size_t rows) {
  settled_ += rows;
  settled_changed_.notify_all();
}

std::uint64_t ledger_writer::worker::stop(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    give_up_at_ = std::min(give_up_at_, clock::now() + patience);
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  return state().lost;
}

void ledger_writer::worker::run() {
  ::pthread_setname_np(::pthread_self(), "zg-ledger");
  retention_hour_ = now() / hour_ms;
  entries batch;
  while (take(batch)) {
    if (!batch.empty()) {
      write(batch);
      plan_retention();
    }
    if (retention_due_ && clock::now() >= retention_at_) retention_step();
    batch.clear();
  }
}

/// Waits for rows or, the batch stays empty, until retention is due. False: stopped, and nothing is queued.
bool ledger_writer::worker::take(entries& batch) {
  std::deque<ledger_entry> taken;
  {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return stopping_ || !queue_.empty(); };
    if (retention_due_) {
      wake_.wait_until(lock, retention_at_, ready);
    } else {
      wake_.wait(lock, ready);
    }
    if (stopping_ && queue_.empty()) return false;
    if (!queue_.empty()) {
      const auto urgent = [this] { return stopping_ || flushing_ || queue_.size() > urgent_rows(); };
      wake_.wait_until(lock, commit_at_, urgent);
    }
    flushing_ = false;
    taken.swap(queue_);
  }
  batch.assign(std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end()));
  return true;
}

void ledger_writer::worker::write(const entries& batch) {
  auto length = options_.first_pause;
  for (;;) {
    const auto outcome = store_.write(batch);
    if (outcome) {
      commit_at_ = clock::now() + options_.commit_interval;
      return committed(*outcome, batch.size());
    }
    failed(outcome.error());
    if (!pause(length)) return give_up(batch.size());
    length = std::min(length * 2, options_.max_pause);
  }
}

void ledger_writer::worker::committed(const insert_outcome& outcome, std::size_t taken) {
  {
    const std::lock_guard lock(told_mutex_);
    state_.healthy = true;
    state_.last_error.clear();
    state_.duplicates += outcome.duplicates;
    state_.committed += outcome.inserted;
    state_.moved += outcome.moved;
    queued_ -= taken;
  }
  {
    const std::lock_guard lock(mutex_);
    settled(taken);
  }
  if (options_.on_attempt) options_.on_attempt(state());
}

void ledger_writer::worker::failed(const ledger_error& error) {
  {
    const std::lock_guard lock(told_mutex_);
    state_.healthy = false;
    state_.last_error = error.message;
  }
  if (options_.on_attempt) options_.on_attempt(state());
}

/// False: time is up. A stop ends the pause at once and leaves one more attempt, however little patience it has.
bool ledger_writer::worker::pause(std::chrono::milliseconds length) {
  std::unique_lock lock(mutex_);
  const bool was_stopping = std::exchange(last_attempt_, stopping_);
  const auto until = std::min(clock::now() + length, give_up_at_);
  const bool stopped = wake_.wait_until(lock, until, [&] { return stopping_ && !was_stopping; });
  last_attempt_ = stopping_;
  return stopped || clock::now() < give_up_at_;
}

void ledger_writer::worker::give_up(std::size_t taken) {
  const std::lock_guard lock(mutex_);
  {
    const std::lock_guard told(told_mutex_);
    state_.lost += taken + queue_.size();
    queued_ = 0;
  }
  settled(taken + queue_.size());
  queue_.clear();
}

void ledger_writer::worker::plan_retention() {
  const std::int64_t hour = now() / hour_ms;
  const auto oversized = store_.oversized();
  if (hour == retention_hour_ && !(oversized && *oversized)) return;
  retention_hour_ = hour;
  retention_due_ = true;
}

clock_reading ledger_writer::worker::read_clock() const {
  if (options_.clock) return options_.clock();
  return options_.now ? clock_reading{options_.now(), options_.now(), 0, true} : read_machine_clock();
}

void ledger_writer::worker::retention_step() {
  const auto looked = store_.look_at_clock(read_clock());
  const ledger_result<retention_outcome> outcome =
      looked ? store_.apply_retention(looked->time) : ledger_result<retention_outcome>(looked.error());
  if (outcome) {
    retention_due_ = outcome->more;
    retention_pause_ = {};
  } else {
    retention_pause_ = std::clamp(retention_pause_ * 2, options_.first_pause, options_.max_pause);
    retention_at_ = clock::now() + retention_pause_;
  }
  {
    const std::lock_guard lock(told_mutex_);
    state_.retention_error = outcome ? std::string() : outcome.error().message;
    if (outcome) state_.deleted += static_cast<std::uint64_t>(outcome->deleted);
    if (looked) state_.clock_ahead_ms = looked->seen.wall - looked->time;
  }
  if (options_.on_attempt) options_.on_attempt(state());
}

ledger_writer::ledger_writer(ledger store, ledger_writer_options options)
    : worker_(std::make_unique<worker>(std::move(store), std::move(options))) {}

ledger_writer::~ledger_writer() {
  worker_->stop(std::chrono::milliseconds::zero());
}

bool ledger_writer::post(usage_record&& record) {
  return worker_->post(std::move(record), worker_->capacity(), &worker::dropped);
}

bool ledger_writer::note(ledger_entry&& entry) {
  return worker_->post(std::move(entry), worker_->capacity() / 4 * 3, &worker::dropped_notes);
}

ledger_writer_state ledger_writer::state() const {
  return worker_->state();
}

bool ledger_writer::flush(std::chrono::milliseconds limit) {
  return worker_->flush(limit);
}

std::uint64_t ledger_writer::stop(std::chrono::milliseconds patience) {
  return worker_->stop(patience);
}

}  // namespace usage
