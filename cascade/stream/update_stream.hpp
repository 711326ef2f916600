#pragma once

// One turn of a cascade as events. The reader pulls them, and slows the server down by not pulling. Uses the best kind
// of stream that the server offers (update_stream_kind.hpp). Subscribes again when the server ends a subscription or an
// update was lost; the reader sees neither a gap nor a repetition.
//
//   update_stream updates{client, cascade_id, kinds, {.first_step = steps_before}};
//   while (auto events = co_await updates.next()) …      // the last event is finished or failed, then eof

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cascade/core/cascade_view.hpp"
#include "cascade/core/event.hpp"
#include "cascade/core/step_reducer.hpp"
#include "cascade/rpc/limits.hpp"
#include "cascade/stream/update_stream_source.hpp"
#include "net/errc.hpp"

namespace cascade {

struct follow_options {
  std::uint32_t first_step = 0;  // of the turn: how many steps the cascade had before
  /// Called with the server's words when it refused a kind, and each time that a stream begins to poll.
  std::function<void(stream_kind now, std::string_view why)> on_kind;
  update_stream_limits limits;
};

class update_stream {
 public:
  /// `server` and `kinds` belong to one server process and must outlive the stream. Nothing is sent before next().
  update_stream(client& server, std::string cascade_id, stream_kind_memory& kinds, follow_options options = {});
  /// Cancels the call under way; close() also awaits its end.
  ~update_stream();
  update_stream(const update_stream&) = delete;
  update_stream& operator=(const update_stream&) = delete;

  /// Returns at least one event; they are valid until the next call. Returns eof after finished or failed. Any other
  /// error ends the stream, and failure() has the server's words. A cancelled coroutine gets operation_aborted as the
  /// result or, like from any Asio operation, thrown by its next await.
  asio::awaitable<net::result<std::span<const event>>> next();

  /// Call this on the same strand. A next() under way ends with operation_aborted as soon as it waits for the server.
  void interrupt() {
    if (source_) source_->interrupt();
  }

  asio::awaitable<void> close();

  /// The kind of the subscription, or of the next one if there is none.
  stream_kind kind() const { return source_ ? kind_ : kinds_.current(); }
  const rpc_failure& failure() const { return failure_; }
  const cascade_view& view() const { return view_; }
  /// Walks the whole state.
  std::size_t bytes_held() const { return view_.bytes_held() + reducer_.bytes_held(); }

 private:
  using events = rpc_result<std::span<const event>>;

  asio::awaitable<events> advance();
  asio::awaitable<events> read_late_steps();
  asio::awaitable<rpc_result<void>> subscribe_again();
  asio::awaitable<rpc_result<void>> pause_if_due();
  asio::awaitable<events> recover(rpc_failure failure);
  bool fall_back(const rpc_failure& failure);
  bool may_resubscribe(const rpc_failure& failure);
  void progressed();

  client& client_;
  std::string cascade_id_;
  stream_kind_memory& kinds_;
  follow_options options_;
  cascade_view view_;
  step_reducer reducer_;
  std::unique_ptr<update_source> source_;
  stream_kind kind_ = stream_kind::reactive;  // of source_
  unsigned fruitless_subscriptions_ = 0;      // ended since the last event
  unsigned refused_updates_ = 0;              // of those, broken off by the view
  unsigned late_reads_ = 0;
  rpc_failure failure_;
};

}  // namespace cascade
