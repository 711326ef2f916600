#include "test/sim/language_server/conversation.hpp"

namespace sim::ls {

moment conversation::now() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

void conversation::subscribe(const std::string& id, subscription& one) {
  const std::scoped_lock lock(mutex_);
  const auto [entry, fresh] = subscriptions_.try_emplace(id, &one);
  if (!fresh) {
    entry->second->end({grpc::StatusCode::UNKNOWN, "subscription closed by repeat id"});
    entry->second = &one;
  }
  one.show(now_);
}

void conversation::unsubscribe(const std::string& id, const subscription& one) {
  const std::scoped_lock lock(mutex_);
  const auto found = subscriptions_.find(id);
  if (found != subscriptions_.end() && found->second == &one) subscriptions_.erase(found);
}

void conversation::end_all(const grpc::Status& status) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, one] : subscriptions_) one->end(status);
  subscriptions_.clear();
}

}  // namespace sim::ls
