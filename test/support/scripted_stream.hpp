#pragma once

// The server's end of a push stream, in the hands of a test.

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "test/support/flag.hpp"

namespace test {

/// A push stream of the server, open until somebody ends it. From any thread.
template <class Response>
class scripted_stream final : public grpc::ServerWriteReactor<Response>,
                              public std::enable_shared_from_this<scripted_stream<Response>> {
 public:
  explicit scripted_stream(std::string subscriber) : subscriber_id(std::move(subscriber)) {}

  scripted_stream& write(Response message) {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(message));
    go_on();
    return *this;
  }
  /// After all that was written.
  void end(grpc::Status status) {
    std::lock_guard lock(mutex_);
    if (!status_) status_ = std::move(status);
    go_on();
  }
  /// Messages that the transport has taken.
  std::size_t written() const { return written_; }

  const std::string subscriber_id;
  flag cancelled;

  void open() { self_ = this->shared_from_this(); }

 private:
  void OnWriteDone(bool ok) override {
    std::lock_guard lock(mutex_);
    writing_ = false;
    queue_.pop_front();
    ok ? void(++written_) : queue_.clear();
    go_on();
  }
  void OnCancel() override {
    cancelled.set();
    std::lock_guard lock(mutex_);
    while (queue_.size() > (writing_ ? 1u : 0u)) queue_.pop_back();
    if (!status_) status_ = grpc::Status::CANCELLED;
    go_on();
  }
  void OnDone() override { const auto last = std::move(self_); }

  void go_on() {
    if (writing_ || ended_) return;
    if (!queue_.empty()) {
      writing_ = true;
      this->StartWrite(&queue_.front());
    } else if (status_) {
      ended_ = true;
      this->Finish(*status_);
    }
  }

  std::mutex mutex_;
  std::deque<Response> queue_;
  std::optional<grpc::Status> status_;
  bool writing_ = false;
  bool ended_ = false;
  std::atomic<std::size_t> written_ = 0;
  std::shared_ptr<scripted_stream> self_;
};

}  // namespace test
