#pragma once

// A gRPC call as a scope. The state of a call is kept alive by the operations it has under way: whoever leaves the
// scope early only cancels it and lets go, and the state goes with the last operation, about a millisecond later, on a
// thread of the rpc_queue, which waits for all of them before it goes itself. close() is the same with the end awaited.
// One message is in flight: the next is asked of gRPC only when next() is called, so a reader that does not read stops
// the server at the HTTP/2 window.

#include <chrono>
#include <mutex>

#include <grpcpp/client_context.h>

#include "cascade/rpc/rpc_error.hpp"
#include "cascade/rpc/rpc_event.hpp"
#include "cascade/rpc/rpc_queue.hpp"

namespace cascade {

/// The part of a call's state that does not depend on its messages.
class rpc_state {
 public:
  explicit rpc_state(rpc_queue& queue) : queue_(queue) {}

  /// Before the call starts; the status of a call that ends for want of time is then timed_out.
  void limit(std::chrono::milliseconds time);
  /// From any thread.
  void cancel();
  bool ended() const;
  /// Of an ended call: nothing if its status is OK.
  rpc_result<void> outcome() const;

  grpc::ClientContext context;
  rpc_event event;

 protected:
  ~rpc_state() = default;
  rpc_queue& queue() { return queue_; }
  /// status is there: whoever waits is woken.
  void end();

  grpc::Status status;  // written by gRPC until end()

 private:
  rpc_queue& queue_;  // not used after end()
  mutable std::mutex mutex_;
  bool ended_ = false;
  own_ending own_;
  std::chrono::steady_clock::time_point due_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace cascade
