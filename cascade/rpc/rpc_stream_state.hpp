#pragma once

// The state of a server-streaming call (see rpc.hpp): which of its operations are under way, and who keeps it alive.

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include <grpcpp/support/async_stream.h>

#include "cascade/rpc/rpc.hpp"

namespace cascade {

/// What a stream's state needs of its messages' type is little; the rest is here. Operations are begun and completed
/// under the lock, because the reader's strand and the queue's threads meet here.
class stream_state_base : public rpc_state {
 public:
  using rpc_state::rpc_state;

  void read();
  /// Nobody reads any more: cancels and lets the call end.
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
  /// An operation is over. What it returns keeps the state alive: with several threads the last operation may end while
  /// the one that began it is still returning.
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

  /// Notes what `message` takes before its reader takes it apart.
  void weigh() { large_ = message.ByteSizeLong() > kept_bytes; }

  Message message;

 private:
  /// A message up to this size leaves its memory for the next one; a large snapshot must not stay beside its copy.
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
