#pragma once

// A call whose answers are pulled one at a time; not pulling stops the server (see rpc.hpp).

#include <memory>
#include <utility>

#include <boost/asio/error.hpp>

#include "cascade/rpc/rpc_stream_state.hpp"

namespace cascade {

/// A server-streaming call. Used from one coroutine at a time.
template <class Message>
class read_stream {
 public:
  read_stream() = default;
  /// `state` must have been started.
  explicit read_stream(std::shared_ptr<stream_state<Message>> state) : state_(std::move(state)) {}
  ~read_stream() { leave(); }
  read_stream(read_stream&& other) noexcept = default;
  read_stream& operator=(read_stream&& other) noexcept {
    if (this != &other) leave();
    state_ = std::move(other.state_);
    return *this;
  }

  bool open() const { return state_ != nullptr; }

  /// Returns the next message, which the caller may change and which is valid until the next call, or eof when the
  /// server ended the stream with OK. Cancellation ends the whole call (operation_aborted), because a message may have
  /// been lost.
  asio::awaitable<rpc_result<Message*>> next() {
    const auto state = state_;
    if (!state->ended()) {
      state->read();
      co_await state->event.wait([&state] { state->cancel(); });
    }
    if (!state->ended()) {
      state->weigh();
      co_return &state->message;
    }
    const auto outcome = state->outcome();
    if (outcome.has_error()) co_return outcome.error();
    co_return rpc_failure{asio::error::eof, "the server ended the stream"};
  }

  /// Ends a next() under way with operation_aborted, and the call with it.
  void interrupt() {
    if (state_) state_->cancel();
  }

  /// Cancels the call and waits for its end.
  asio::awaitable<void> close() {
    const auto state = std::exchange(state_, nullptr);
    if (state == nullptr) co_return;
    state->leave();
    while (!state->ended()) co_await state->event.wait([] {});
  }

 private:
  void leave() {
    if (const auto state = std::exchange(state_, nullptr)) state->leave();
  }

  std::shared_ptr<stream_state<Message>> state_;
};

}  // namespace cascade
