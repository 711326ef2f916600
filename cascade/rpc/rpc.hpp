#pragma once

// A gRPC call as a scope. Operations under way keep the state of their call alive. Leaving the scope early only cancels
// the call; the state is destroyed with the last operation, about a millisecond later, on a thread of the rpc_queue.
// The queue's destructor waits for all of them. close() also awaits the end. One message is in flight: next() asks gRPC
// for the next one, so a reader that does not read stops the server at the HTTP/2 window.

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

  /// Call this before the call starts. A call that takes longer ends with timed_out.
  void limit(std::chrono::milliseconds time);
  /// From any thread.
  void cancel();
  bool ended() const;
  /// Of an ended call. Has no error if the status is OK.
  rpc_result<void> outcome() const;

  grpc::ClientContext context;
  rpc_event event;

 protected:
  ~rpc_state() = default;
  rpc_queue& queue() { return queue_; }
  /// The status is set: wakes the waiter.
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
