#pragma once

// The server's end of one subscription: sends one message at a time and keeps what is shown meanwhile in a short queue,
// so a reader that stops costs the same little memory for ever. Derived classes say what a message holds.

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <grpcpp/support/server_callback.h>

#include "test/sim/language_server/live_cascade.hpp"

namespace sim::ls {

template <class Response>
class update_stream_writer : public grpc::ServerWriteReactor<Response>, public subscription {
 public:
  /// Moments that wait for the reader; beyond these the latest takes the place of the last.
  static constexpr std::size_t max_waiting = 32;

  update_stream_writer(std::shared_ptr<live_cascade> cascade, std::string id)
      : cascade_(std::move(cascade)), id_(std::move(id)) {}

  /// Once, when the object is whole.
  void start() { cascade_->talk().subscribe(id_, *this); }

  void show(moment next) final {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    if (waiting_.size() == max_waiting) waiting_.pop_back();
    waiting_.push_back(std::move(next));
    advance();
  }

  void end(grpc::Status status) final {
    const std::scoped_lock lock(mutex_);
    if (!ended_) ended_ = std::move(status);
    advance();
  }

  void OnWriteDone(bool ok) final {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    // Clear() would keep the room of a large snapshot for as long as the subscription lasts.
    response_ = Response();
    if (!ok) give_up();
    advance();
  }

  void OnCancel() final {
    const std::scoped_lock lock(mutex_);
    give_up();
    advance();
  }

  void OnDone() final {
    cascade_->talk().unsubscribe(id_, *this);
    delete this;
  }

 protected:
  ~update_stream_writer() = default;

  /// What a subscriber that knows `from` (nothing, at first) must be told. False: nothing is sent.
  virtual bool fill(Response& out, const transcript* from, const transcript& to) = 0;

  /// For fill(): the message that it makes is the last one.
  void stop(grpc::Status status) {
    waiting_.clear();
    if (!ended_) ended_ = std::move(status);
  }

  live_cascade& cascade() { return *cascade_; }

 private:
  void give_up() { stop(grpc::Status(grpc::StatusCode::CANCELLED, "the subscriber is gone")); }

  void advance() {
    while (!writing_ && !waiting_.empty()) {
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      writing_ = fill(response_, last_.get(), *next);
      last_ = std::move(next);
      if (writing_) this->StartWrite(&response_);
    }
    if (ended_ && !writing_ && !finished_) {
      finished_ = true;
      this->Finish(*ended_);
    }
  }

  std::shared_ptr<live_cascade> cascade_;
  std::string id_;
  std::mutex mutex_;
  std::deque<moment> waiting_;
  moment last_;
  Response response_;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> ended_;
};

/// A stream that ends before it began.
template <class Response>
class refused_stream final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit refused_stream(const grpc::Status& why) { this->Finish(why); }
  void OnDone() override { delete this; }
};

}  // namespace sim::ls
