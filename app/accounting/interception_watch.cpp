#include "app/accounting/interception_watch.hpp"

#include <algorithm>
#include <functional>

namespace app {

void interception_watch::seen(std::string_view response_id) {
  if (response_id.empty()) return;
  const auto hash = std::hash<std::string_view>()(response_id);
  seen_.push_back(hash);
  if (seen_.size() > max_seen) seen_.pop_front();
  for (listing& each : listed_) {
    if (each.hash == hash && !each.response_id.empty()) each.passed.store(true, std::memory_order_relaxed);
  }
}

void interception_watch::listed(std::string_view response_id, std::int64_t now) {
  if (response_id.empty()) return;
  if (std::ranges::find(listed_, response_id, &listing::response_id) != listed_.end()) return;
  listing& oldest = listed_[next_++ % max_listed];
  oldest.response_id = response_id;
  oldest.hash = std::hash<std::string_view>()(response_id);
  oldest.passed.store(std::ranges::find(seen_, oldest.hash) != seen_.end(), std::memory_order_relaxed);
  oldest.listed_at.store(now, std::memory_order_relaxed);
}

std::size_t interception_watch::missed(std::int64_t now) const {
  std::size_t unseen = 0;
  for (const listing& each : listed_) {
    if (each.passed.load(std::memory_order_relaxed)) return 0;
    unseen += each.listed_at.load(std::memory_order_relaxed) + grace_ms <= now;
  }
  return unseen;
}

}  // namespace app
