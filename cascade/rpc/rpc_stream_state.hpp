#pragma once

// The state of a server-streaming call (see rpc.hpp): which operations are under way, and what keeps it alive.

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include <grpcpp/support/async_stream.h>

#include "cascade/rpc/rpc.hpp"

namespace cascade {

/// The part that does not depend on the type of the messages. Operations begin and complete under the lock, because the
/// reader's strand and the queue's threads share it.
class stream_state_base : public rpc_state {
 public:
  using rpc_state::rpc_state;

  void read();
  /// Cancels the call, which nobody reads any more.
  void leave();

 protected:
  ~stream_state_base() = default;

  void begin(std::shared_ptr<void> self);

  virtual void start_call(void* tag) = 0;
  virtual void start_read(void* tag) = 0;
  virtual void start_finish(grpc::Status* into, void* tag) = 0;

 private:
  struct tag_of final : rpc_tag {
    using member = void (stream_state_base::*)(bool);
    tag_of(stream_state_base& state, member then) : state_(state), then_(then) {}
    void proceed(bool ok) override { (state_.*then_)(ok); }

   private:
    stream_state_base& state_;
    member then_;
  };

  void* tag(tag_of& operation) {
    ++operations_;
    handed_over(&operation);
    return static_cast<rpc_tag*>(&operation);
  }
  void started(bool ok);
  void read_done(bool ok);
  void finished(bool ok);
  void finish();
  /// Call this when an operation is over. The return value keeps the state alive: with several threads, the last
  /// operation may end while the function that began it has not returned.
  [[nodiscard]] std::shared_ptr<void> completed();

  std::mutex mutex_;
  tag_of started_{*this, &stream_state_base::started};
  tag_of read_{*this, &stream_state_base::read_done};
  tag_of finished_{*this, &stream_state_base::finished};
  unsigned operations_ = 0;
  bool reading_ = false;
  bool finishing_ = false;
  bool left_ = false;
  std::shared_ptr<void> self_;  // while operations are under way
};

template <class Message>
class stream_state final : public stream_state_base {
 public:
  using stream_state_base::stream_state_base;

  template <class Prepare>
  void start(std::shared_ptr<stream_state> self, Prepare prepare) {
    call_ = prepare(&context, queue().native());
    begin(std::move(self));
  }

  /// Notes the size of `message` before the reader moves parts out of it.
  void weigh() { large_ = message.ByteSizeLong() > kept_bytes; }

  Message message;

 private:
  /// The memory of a message up to this size is reused for the next one. A large snapshot must not stay beside its
  /// copy.
  static constexpr std::size_t kept_bytes = 64 * 1024;

  void start_call(void* tag) override { call_->StartCall(tag); }
  void start_read(void* tag) override {
    if (std::exchange(large_, false)) Message().Swap(&message);
    call_->Read(&message, tag);
  }
  void start_finish(grpc::Status* into, void* tag) override { call_->Finish(into, tag); }

  std::unique_ptr<grpc::ClientAsyncReader<Message>> call_;
  bool large_ = false;
};

}  // namespace cascade
