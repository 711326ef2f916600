#pragma once

// Follows a cascade by polling, as the last resort. A round reads the run status first and the content second, and
// applies them in the opposite order, so that no content older than an IDLE is missed.

#include "cascade/stream/update_stream_source.hpp"

namespace cascade {

/// The first step worth asking for again: the first after `first_step` that can still change, or the last one.
std::uint32_t first_open_step(const cascade_view::state_type& state, std::uint32_t first_step);

class polled_updates final : public update_source {
 public:
  polled_updates(client& server, std::string cascade_id, std::uint32_t first_step, poll_limits limits);

  asio::awaitable<rpc_result<changes>> next(cascade_view& view) override;
  void useful() override { useful_ = true; }
  asio::awaitable<void> close() override { co_return; }

 private:
  enum class part : std::uint8_t { status, steps, generator_metadata };

  asio::awaitable<rpc_result<changes>> begin_round();
  asio::awaitable<rpc_result<changes>> take_steps(cascade_view& view);
  asio::awaitable<rpc_result<changes>> take_generator_metadata(cascade_view& view);
  changes take_status(cascade_view& view);
  void slow_down_or_up();

  client& client_;
  std::string cascade_id_;
  std::uint32_t first_step_;
  poll_limits limits_;
  part next_ = part::status;
  bool first_round_ = true;
  bool useful_ = false;
  std::chrono::milliseconds interval_;
  std::uint32_t steps_from_ = 0;
  ls::GetCascadeTrajectoryResponse status_;  // of this round, applied at its end
};

}  // namespace cascade
