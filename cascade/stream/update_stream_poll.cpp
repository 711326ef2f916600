#include "cascade/stream/update_stream_poll.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cascade {
namespace {

bool is_final(exa::cortex_pb::CortexStepStatus status) {
  switch (status) {
    case exa::cortex_pb::CORTEX_STEP_STATUS_DONE:
    case exa::cortex_pb::CORTEX_STEP_STATUS_INVALID:
    case exa::cortex_pb::CORTEX_STEP_STATUS_CLEARED:
    case exa::cortex_pb::CORTEX_STEP_STATUS_CANCELED:
    case exa::cortex_pb::CORTEX_STEP_STATUS_ERROR:
    case exa::cortex_pb::CORTEX_STEP_STATUS_INTERRUPTED:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::uint32_t first_open_step(const cascade_view::state_type& state, std::uint32_t first_step) {
  const auto& steps = state.trajectory().steps();
  const auto size = static_cast<std::uint32_t>(steps.size());
  if (size <= first_step) return first_step;
  std::uint32_t at = first_step;
  while (at + 1 < size && is_final(steps[static_cast<int>(at)].status())) ++at;
  return at;
}

polled_updates::polled_updates(client& server, std::string cascade_id, std::uint32_t first_step, poll_limits limits)
    : client_(server),
      cascade_id_(std::move(cascade_id)),
      first_step_(first_step),
      limits_(limits),
      interval_(limits.busy) {}

asio::awaitable<rpc_result<changes>> polled_updates::next(cascade_view& view) {
  if (next_ == part::status) {
    const auto begun = co_await begin_round();
    if (begun.has_error()) co_return begun.error();
    steps_from_ = first_open_step(view.state(), first_step_);
  }
  if (next_ == part::steps) co_return co_await take_steps(view);
  if (next_ == part::generator_metadata && status_.num_total_generator_metadata() > 0) {
    co_return co_await take_generator_metadata(view);
  }
  co_return take_status(view);
}

asio::awaitable<rpc_result<changes>> polled_updates::begin_round() {
  if (!std::exchange(first_round_, false)) {
    slow_down_or_up();
    asio::steady_timer timer(co_await asio::this_coro::executor, interval_);
    const auto [stopped] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (stopped) co_return rpc_failure{stopped, {}};
  }
  auto answer = co_await client_.trajectory(cascade_id_);
  if (answer.has_error()) co_return answer.error();
  status_ = std::move(*answer);
  next_ = part::steps;
  co_return changes{};
}

asio::awaitable<rpc_result<changes>> polled_updates::take_steps(cascade_view& view) {
  auto answer = co_await client_.steps(cascade_id_, steps_from_);
  if (answer.has_error()) co_return answer.error();
  const auto count = static_cast<std::uint32_t>(answer->steps_size());
  const std::uint32_t offset = std::exchange(steps_from_, steps_from_ + count);
  const auto changed = view.apply_steps(offset, std::move(*answer));
  if (view.too_large()) co_return rpc_failure{errc::too_large, "the steps of the cascade passed the limit"};
  // An answer may have fewer steps than there are. Read on while it has any.
  if (count == 0 || steps_from_ >= status_.num_total_steps()) next_ = part::generator_metadata;
  co_return changed;
}

asio::awaitable<rpc_result<changes>> polled_updates::take_generator_metadata(cascade_view& view) {
  const int known = view.state().trajectory().generator_metadata_size();
  // Read the last known call again: it may have been under way, and its counts grow.
  const auto offset = static_cast<std::uint32_t>(std::max(known - 1, 0));
  auto answer = co_await client_.generator_metadata(cascade_id_, offset);
  if (answer.has_error()) co_return answer.error();
  status_.set_num_total_generator_metadata(0);
  co_return view.apply_generator_metadata(offset, std::move(*answer));
}

changes polled_updates::take_status(cascade_view& view) {
  next_ = part::status;
  return view.apply(std::exchange(status_, {}));
}

void polled_updates::slow_down_or_up() {
  if (std::exchange(useful_, false)) {
    interval_ = limits_.busy;
    return;
  }
  const auto slower = std::chrono::duration_cast<std::chrono::milliseconds>(interval_ * limits_.slow_down);
  interval_ = std::min(slower, limits_.quiet);
}

}  // namespace cascade
