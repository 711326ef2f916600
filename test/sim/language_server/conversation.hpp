#pragma once

// The one place where a cascade changes. A turn commits changes; every subscription is shown each moment that follows.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <grpcpp/support/status.h>

#include "test/sim/language_server/transcript.hpp"

namespace sim::ls {

using moment = std::shared_ptr<const transcript>;

/// Both functions are called under the conversation's lock and must not call back into it.
class subscription {
 public:
  virtual void show(moment) = 0;
  /// Nothing is shown after it; what was shown before is still sent.
  virtual void end(grpc::Status) = 0;

 protected:
  ~subscription() = default;
};

class conversation {
 public:
  explicit conversation(transcript begin) : now_(std::make_shared<const transcript>(std::move(begin))) {}

  moment now() const;

  template <class Change>
  void commit(Change&& change) {
    const std::scoped_lock lock(mutex_);
    auto next = std::make_shared<transcript>(*now_);
    change(*next);
    now_ = std::move(next);
    for (const auto& [id, one] : subscriptions_) one->show(now_);
  }

  /// Shows the present moment at once. An earlier subscription of the same id ends. `one` must stay until unsubscribe.
  void subscribe(const std::string& id, subscription& one);
  void unsubscribe(const std::string& id, const subscription& one);

  /// Ends every subscription.
  void end_all(const grpc::Status&);

 private:
  mutable std::mutex mutex_;
  moment now_;
  std::map<std::string, subscription*> subscriptions_;
};

}  // namespace sim::ls
