#include "usage/ledger/write_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace usage {

ledger_writer_state write_queue::state() const {
  const std::lock_guard lock(told_mutex_);
  auto now = state_;
  now.queued = queued_;
  now.dropped = dropped;
  now.dropped_notes = dropped_notes;
  return now;
}

std::filesystem::path write_queue::file() const {
  const std::lock_guard lock(told_mutex_);
  return file_;
}

bool write_queue::flush(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = posted_;
  if (settled_ >= wanted) return true;
  flushing_ = true;
  wake_.notify_one();
  return settled_changed_.wait_for(lock, limit, [&] { return settled_ >= wanted; });
}

/// Call it under the mutex.
void write_queue::settled(std::size_t rows) {
  settled_ += rows;
  settled_changed_.notify_all();
}

void write_queue::stop(std::chrono::milliseconds patience) {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  give_up_at_ = std::min(give_up_at_, clock::now() + patience);
  wake_.notify_one();
}

void write_queue::look() {
  const std::lock_guard lock(mutex_);
  errand_.look = true;
  wake_.notify_one();
}

void write_queue::distrust(std::string why) {
  const std::lock_guard lock(mutex_);
  errand_.distrust = std::move(why);
  wake_.notify_one();
}

bool write_queue::take(const waiting& until, entries& batch, errand& asked) {
  std::deque<ledger_entry> taken;
  {
    std::unique_lock lock(mutex_);
    const auto sent = [this] { return errand_.look || !errand_.distrust.empty(); };
    const auto ready = [&] { return stopping_ || !queue_.empty() || sent(); };
    if (until.retention_at) {
      wake_.wait_until(lock, *until.retention_at, ready);
    } else {
      wake_.wait(lock, ready);
    }
    if (stopping_ && queue_.empty()) return false;
    if (!queue_.empty()) {
      const auto urgent = [&] { return stopping_ || flushing_ || queue_.size() > urgent_rows(); };
      wake_.wait_until(lock, until.commit_at, urgent);
    }
    flushing_ = false;
    taken.swap(queue_);
    asked = std::exchange(errand_, {});
  }
  batch.assign(std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end()));
  return true;
}

void write_queue::committed(const insert_outcome& outcome, std::size_t taken, bool all) {
  {
    const std::lock_guard told(told_mutex_);
    if (all) {
      state_.healthy = true;
      state_.last_error.clear();
    }
    state_.duplicates += outcome.duplicates;
    state_.committed += outcome.inserted;
    state_.moved += outcome.moved;
    state_.corrected += outcome.corrected;
    queued_ -= taken;
  }
  const std::lock_guard lock(mutex_);
  if (all) refused_ = false;
  settled(taken);
}

void write_queue::failed(const ledger_error& error) {
  {
    const std::lock_guard told(told_mutex_);
    state_.healthy = false;
    state_.last_error = error.message;
  }
  const std::lock_guard lock(mutex_);
  refused_ = false;
}

void write_queue::retained(const ledger_result<retention_outcome>& outcome) {
  const std::lock_guard told(told_mutex_);
  state_.retention_error = outcome ? std::string() : outcome.error().message;
  if (outcome) state_.deleted += static_cast<std::uint64_t>(outcome->deleted);
}

void write_queue::clock_is_ahead(std::int64_t milliseconds) {
  const std::lock_guard told(told_mutex_);
  state_.clock_ahead_ms = milliseconds;
}

void write_queue::stored_in(const ledger_store& store) {
  auto file = store.file();
  const std::lock_guard told(told_mutex_);
  state_.trouble = store.trouble();
  file_ = std::move(file);
}

bool write_queue::pause(std::chrono::milliseconds length, const std::function<void()>& on_refusal) {
  std::unique_lock lock(mutex_);
  const bool was_stopping = std::exchange(last_attempt_, stopping_);
  const auto until = std::min(clock::now() + length, give_up_at_);
  bool told = was_stopping;  // the end of a stop reports what it refuses
  const auto interrupted = [&] { return (stopping_ && !was_stopping) || (refused_ && !told); };
  while (wake_.wait_until(lock, until, interrupted) && !(stopping_ && !was_stopping)) {
    told = true;
    lock.unlock();
    on_refusal();
    lock.lock();
  }
  const bool stopped = stopping_ && !was_stopping;
  last_attempt_ = stopping_;
  return stopped || clock::now() < give_up_at_;
}

void write_queue::give_up(std::size_t taken) {
  const std::lock_guard lock(mutex_);
  {
    const std::lock_guard told(told_mutex_);
    state_.lost += taken + queue_.size();
    queued_ = 0;
  }
  settled(taken + queue_.size());
  queue_.clear();
}

}  // namespace usage
