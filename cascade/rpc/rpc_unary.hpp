#pragma once

// A call with one answer (see rpc.hpp).

#include <memory>
#include <utility>

#include <grpcpp/support/async_unary_call.h>

#include "cascade/rpc/rpc.hpp"

namespace cascade {

template <class Response>
class unary_state final : public rpc_state, private rpc_tag {
 public:
  using rpc_state::rpc_state;

  /// `prepare(context, queue)` is the stub's method; its request need only live until this returns.
  template <class Prepare>
  void start(std::shared_ptr<unary_state> self, Prepare prepare) {
    self_ = std::move(self);
    queue().call_begins();
    call_ = prepare(&context, queue().native());
    call_->StartCall();
    handed_over(this);
    call_->Finish(&response, &status, static_cast<rpc_tag*>(this));
  }

  Response response;

 private:
  void proceed(bool) override {
    const auto self = std::move(self_);
    end();
  }

  std::shared_ptr<unary_state> self_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> call_;
};

/// Waits for the answer of a started call. Cancellation cancels the call and still waits for its end; the result is
/// operation_aborted.
template <class Response>
asio::awaitable<rpc_result<Response>> answer_of(std::shared_ptr<unary_state<Response>> call) {
  co_await call->event.wait([&call] { call->cancel(); });
  const auto outcome = call->outcome();
  if (outcome.has_error()) co_return outcome.error();
  co_return std::move(call->response);
}

}  // namespace cascade
