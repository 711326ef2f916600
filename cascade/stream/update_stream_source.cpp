#include "cascade/stream/update_stream_source.hpp"

#include "cascade/stream/update_stream_poll.hpp"

namespace cascade {
namespace {

result<changes> apply(cascade_view& view, exa::reactive_component_pb::StreamReactiveUpdatesResponse& message) {
  return view.apply(std::move(message));
}

result<changes> apply(cascade_view& view, exa::jetski_cortex_pb::StreamAgentStateUpdatesResponse& message) {
  const auto changed = view.apply(std::move(*message.mutable_update()));
  if (view.too_large()) return errc::too_large;
  return changed;
}

template <class Message>
class pushed_updates final : public update_source {
 public:
  explicit pushed_updates(read_stream<Message> stream) : stream_(std::move(stream)) {}

  asio::awaitable<rpc_result<changes>> next(cascade_view& view) override {
    const auto message = co_await stream_.next();
    if (message.has_error()) co_return message.error();
    const auto changed = apply(view, **message);
    if (changed.has_error()) co_return rpc_failure{changed.error(), "an update of the cascade was refused"};
    co_return *changed;
  }

  void interrupt() override { stream_.interrupt(); }

  asio::awaitable<void> close() override { return stream_.close(); }

 private:
  read_stream<Message> stream_;
};

}  // namespace

std::unique_ptr<update_source> subscribe(stream_kind kind, client& server, const std::string& cascade_id,
                                         std::uint32_t first_step, const poll_limits& limits) {
  using reactive = exa::reactive_component_pb::StreamReactiveUpdatesResponse;
  using agent_state = exa::jetski_cortex_pb::StreamAgentStateUpdatesResponse;
  switch (kind) {
    case stream_kind::reactive:
      return std::make_unique<pushed_updates<reactive>>(server.reactive_updates(cascade_id));
    case stream_kind::agent_state:
      return std::make_unique<pushed_updates<agent_state>>(server.agent_state_updates(cascade_id));
    case stream_kind::polling:
      break;
  }
  return std::make_unique<polled_updates>(server, cascade_id, first_step, limits);
}

}  // namespace cascade
