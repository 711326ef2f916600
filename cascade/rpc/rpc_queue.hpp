#pragma once

// The completion queue of one client and the threads that wait on it. gRPC's callback API is not used: on Linux,
// gRPC 1.51 serves it from threads that sleep for 0.1 s after 0.1 s without work, so the first message after a pause
// would be late. Also, the last reference to a channel must not be dropped on those threads.

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include <grpcpp/completion_queue.h>

namespace cascade {

/// The tag of an operation. proceed() runs on a thread of the queue and must not block.
class rpc_tag {
 public:
  virtual void proceed(bool ok) = 0;

 protected:
  ~rpc_tag() = default;
};

/// Tells ThreadSanitizer that an operation's start happens before its completion, which gRPC guarantees but the
/// sanitizer cannot see. Call it with the tag when the operation is started.
void handed_over(rpc_tag* tag);

class rpc_queue {
 public:
  explicit rpc_queue(unsigned threads);
  /// Waits for every call to end. Leave all open calls first.
  ~rpc_queue();
  rpc_queue(const rpc_queue&) = delete;
  rpc_queue& operator=(const rpc_queue&) = delete;

  grpc::CompletionQueue* native() { return &queue_; }

  /// Call these when a call begins its first operation, and when it has the status of its last.
  void call_begins();
  void call_ended();
  std::size_t calls() const;

 private:
  grpc::CompletionQueue queue_;
  mutable std::mutex mutex_;
  std::condition_variable none_;
  std::size_t calls_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace cascade
