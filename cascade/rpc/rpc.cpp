#include "cascade/rpc/rpc.hpp"

namespace cascade {
namespace {

/// The server enforces the limit too, in whole milliseconds, and may end the call slightly before we do.
constexpr std::chrono::milliseconds early_at_most{50};

}  // namespace

void rpc_state::limit(std::chrono::milliseconds time) {
  due_ = std::chrono::steady_clock::now() + time;
  // gRPC's default clock is the wall clock, which may be changed during a call.
  context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(time.count(), GPR_TIMESPAN)));
}

void rpc_state::cancel() {
  {
    std::lock_guard lock(mutex_);
    own_.cancelled = true;
  }
  context.TryCancel();
}

void rpc_state::end() {
  {
    std::lock_guard lock(mutex_);
    own_.out_of_time = std::chrono::steady_clock::now() + early_at_most >= due_;
    ended_ = true;
  }
  queue_.call_ended();
  event.notify();
}

bool rpc_state::ended() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

rpc_result<void> rpc_state::outcome() const {
  std::lock_guard lock(mutex_);
  if (status.ok()) return {};
  return to_failure(status, own_);
}

}  // namespace cascade
