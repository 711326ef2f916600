#include "bench/push/write_schedule.hpp"

#include <chrono>

#include "bench/common/process_cost.hpp"

namespace bench {

write_schedule::write_schedule() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

write_schedule::~write_schedule() {
  thread_.request_stop();
  thread_.join();
}

void write_schedule::add(std::uint64_t due, std::shared_ptr<scheduled> what) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push({due, std::move(what)});
  }
  changed_.notify_one();
}

void write_schedule::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (waiting_.empty()) {
      changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
      continue;
    }
    const std::uint64_t now = monotonic_ns();
    const std::uint64_t due = waiting_.top().due;
    if (due > now) {
      changed_.wait_for(lock, stop, std::chrono::nanoseconds(due - now),
                        [this, due] { return !waiting_.empty() && waiting_.top().due < due; });
      continue;
    }
    entry next = waiting_.top();
    waiting_.pop();
    lock.unlock();
    next.due = next.what->on_due();
    lock.lock();
    if (next.due != 0) waiting_.push(std::move(next));
  }
}

}  // namespace bench
