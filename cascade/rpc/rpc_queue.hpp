#pragma once

// The completion queue of one client and the threads that wait on it. Not gRPC's callback API: on Linux, gRPC 1.51
// serves that from threads which sleep for a tenth of a second whenever they were idle for one, so the first word after
// a pause would come late; and the last reference to a channel must not be dropped on them.

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include <grpcpp/completion_queue.h>

namespace cascade {

/// What an operation is given as its tag. proceed() runs on a thread of the queue and must not block.
class rpc_tag {
 public:
  virtual void proceed(bool ok) = 0;

 protected:
  ~rpc_tag() = default;
};

/// An operation's start happens before its completion: gRPC's promise, told to ThreadSanitizer, which cannot see into
/// the library. Called with the tag when the operation is started.
void handed_over(rpc_tag* tag);

class rpc_queue {
 public:
  explicit rpc_queue(unsigned threads);
  /// Waits for every call to end: whoever holds one open has left it before.
  ~rpc_queue();
  rpc_queue(const rpc_queue&) = delete;
  rpc_queue& operator=(const rpc_queue&) = delete;

  grpc::CompletionQueue* native() { return &queue_; }

  /// A call begins its first operation; it has been told of the status of its last.
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
