#include "cascade/rpc/rpc_stream_state.hpp"

namespace cascade {

void stream_state_base::begin(std::shared_ptr<void> self) {
  std::lock_guard lock(mutex_);
  self_ = std::move(self);
  queue().call_begins();
  start_call(tag(started_));
}

void stream_state_base::read() {
  std::lock_guard lock(mutex_);
  reading_ = true;
  start_read(tag(read_));
}

void stream_state_base::leave() {
  {
    std::lock_guard lock(mutex_);
    if (finishing_ && !reading_) return;
  }
  cancel();
  std::lock_guard lock(mutex_);
  left_ = true;
  if (!reading_) finish();
}

void stream_state_base::finish() {
  if (std::exchange(finishing_, true)) return;
  start_finish(&status, tag(finished_));
}

// A failure shows in the status, which the next read gets.
void stream_state_base::started(bool) {
  const auto alive = completed();
}

void stream_state_base::read_done(bool ok) {
  const auto alive = completed();
  {
    std::lock_guard lock(mutex_);
    reading_ = false;
    if (!ok || left_) return finish();
  }
  event.notify();
}

void stream_state_base::finished(bool) {
  const auto alive = completed();
  end();
}

std::shared_ptr<void> stream_state_base::completed() {
  std::lock_guard lock(mutex_);
  auto alive = self_;
  if (--operations_ == 0 && finishing_) self_.reset();
  return alive;
}

}  // namespace cascade
