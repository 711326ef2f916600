#include "usage/ledger/ledger_writer.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include <pthread.h>
#include <sqlite3.h>

#include "usage/ledger/clock/machine_clock.hpp"
#include "usage/ledger/ledger_check.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/write_queue.hpp"

namespace usage {
namespace {

using clock = write_queue::clock;

// Longer than a minute, because the log reports a loss once a minute.
constexpr std::chrono::seconds tell_again_after{61};

std::int64_t system_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// A smaller batch may fit.
bool is_about_room(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_FULL || primary == SQLITE_IOERR;
}

}  // namespace

class ledger_writer::worker {
 public:
  worker(ledger_store store, ledger_writer_options options)
      : store_(std::move(store)),
        options_(std::move(options)),
        queue_(options_.queue, store_),
        thread_([this] { run(); }) {}

  write_queue& queue() { return queue_; }
  void look_through_pages(std::chrono::milliseconds limit);
  std::uint64_t stop(std::chrono::milliseconds patience);

 private:
  void run();
  void do_errand(const write_queue::errand& asked);
  void write(std::span<const ledger_entry> batch);
  void tell();
  void plan_retention();
  void retention_step();
  clock_reading read_clock() const;
  std::int64_t now() const { return options_.now ? options_.now() : system_now(); }

  // Used only by the thread.
  ledger_store store_;
  const ledger_writer_options options_;
  bool retention_due_ = true;
  clock::time_point retention_at_;                // not before this; retention pauses after a failure, too
  std::chrono::milliseconds retention_pause_{0};  // the last pause; 0 after a success
  clock::time_point commit_at_;                   // not before this
  std::int64_t retention_hour_ = 0;               // Unix hour in which it was last due
  std::uint64_t refused_told_ = 0;                // rows and notes, when on_attempt was last called
  std::optional<clock::time_point> tell_at_;      // when to call it again

  write_queue queue_;
  std::atomic<bool> ending_ = false;
  std::thread looking_;
  std::thread thread_;  // last: it uses everything above
};

std::uint64_t ledger_writer::worker::stop(std::chrono::milliseconds patience) {
  ending_ = true;
  queue_.stop(patience);
  if (looking_.joinable()) looking_.join();
  if (thread_.joinable()) thread_.join();
  return queue_.state().lost;
}

void ledger_writer::worker::look_through_pages(std::chrono::milliseconds limit) {
  if (looking_.joinable()) return;
  looking_ = std::thread([this, limit] {
    ::pthread_setname_np(::pthread_self(), "zg-ledger-look");
    const auto until = clock::now() + limit;
    const auto fault = first_page_fault(queue_.file(), [&] { return !ending_ && clock::now() < until; });
    if (!fault.empty()) queue_.distrust(fault);
  });
}

void ledger_writer::worker::run() {
  ::pthread_setname_np(::pthread_self(), "zg-ledger");
  retention_hour_ = now() / hour_ms;
  store_.take_over_pending();
  tell();
  write_queue::entries batch;
  write_queue::errand asked;
  const auto until = [this] {
    auto at_latest = retention_due_ ? std::optional(retention_at_) : std::nullopt;
    if (tell_at_) at_latest = at_latest ? std::min(*at_latest, *tell_at_) : *tell_at_;
    return write_queue::waiting{commit_at_, at_latest};
  };
  while (queue_.take(until(), batch, asked)) {
    do_errand(asked);
    if (!batch.empty()) {
      write(batch);
      plan_retention();
    }
    if (retention_due_ && clock::now() >= retention_at_) retention_step();
    if (tell_at_ && clock::now() >= *tell_at_) tell();
    batch.clear();
  }
}

void ledger_writer::worker::do_errand(const write_queue::errand& asked) {
  if (!asked.distrust.empty()) store_.distrust(asked.distrust);
  if (asked.look) store_.look();
  if (asked.look || !asked.distrust.empty()) tell();
}

/// Until all is stored or time is up. What does not fit is halved, so that as much is stored as fits.
void ledger_writer::worker::write(std::span<const ledger_entry> batch) {
  auto length = options_.first_pause;
  std::size_t part = batch.size();
  while (!batch.empty()) {
    const auto outcome = store_.write(batch.first(part));
    if (outcome) {
      commit_at_ = clock::now() + options_.commit_interval;
      batch = batch.subspan(part);
      queue_.committed(*outcome, part, batch.empty());
      if (batch.empty()) return tell();
      part = std::min(part * 2, batch.size());
      continue;
    }
    if (is_about_room(outcome.error().sqlite_code)) {
      if (part == batch.size()) store_.make_room();
      if (part > 1) {
        part /= 2;
        continue;
      }
    }
    queue_.failed(outcome.error());
    tell();
    if (!queue_.pause(length, [this] { tell(); })) return queue_.give_up(batch.size());
    length = std::min(length * 2, options_.max_pause);
    part = batch.size();
  }
}

void ledger_writer::worker::tell() {
  queue_.stored_in(store_);
  for (const std::string& note : store_.take_notes())
    if (options_.on_note) options_.on_note(note);
  const auto state = queue_.state();
  // The receiver may have delayed its report of a refusal, which must not wait for the next row.
  const auto refused = state.dropped + state.dropped_notes;
  if (std::exchange(refused_told_, refused) != refused) {
    tell_at_ = clock::now() + tell_again_after;
  } else if (tell_at_ && clock::now() >= *tell_at_) {
    tell_at_.reset();
  }
  if (options_.on_attempt) options_.on_attempt(state);
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
  if (looked) queue_.clock_is_ahead(looked->seen.wall - looked->time);
  queue_.retained(outcome);
  tell();
}

ledger_writer::ledger_writer(ledger_store store, ledger_writer_options options)
    : worker_(std::make_unique<worker>(std::move(store), std::move(options))) {}

ledger_writer::~ledger_writer() {
  worker_->stop(std::chrono::milliseconds::zero());
}

bool ledger_writer::post(usage_record&& record) {
  auto& queue = worker_->queue();
  return queue.post(std::move(record), queue.capacity(), &write_queue::dropped);
}

bool ledger_writer::note(ledger_entry&& entry) {
  auto& queue = worker_->queue();
  return queue.post(std::move(entry), queue.capacity() / 4 * 3, &write_queue::dropped_notes);
}

ledger_writer_state ledger_writer::state() const {
  return worker_->queue().state();
}

std::filesystem::path ledger_writer::file() const {
  return worker_->queue().file();
}

void ledger_writer::look() {
  worker_->queue().look();
}

void ledger_writer::distrust(std::string why) {
  worker_->queue().distrust(std::move(why));
}

void ledger_writer::look_through_pages(std::chrono::milliseconds limit) {
  worker_->look_through_pages(limit);
}

bool ledger_writer::flush(std::chrono::milliseconds limit) {
  return worker_->queue().flush(limit);
}

std::uint64_t ledger_writer::stop(std::chrono::milliseconds patience) {
  return worker_->stop(patience);
}

}  // namespace usage
