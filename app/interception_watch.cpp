#include "app/interception_watch.hpp"

#include <algorithm>

namespace app {

void interception_watch::seen(std::string_view response_id) {
  if (response_id.empty() || !seen_.emplace(response_id).second) return;
  seen_order_.emplace_back(response_id);
  if (seen_order_.size() <= max_seen) return;
  seen_.erase(seen_order_.front());
  seen_order_.pop_front();
}

void interception_watch::listed(std::string_view response_id, std::int64_t now) {
  if (response_id.empty()) return;
  if (std::ranges::find(listed_, response_id, &listing::response_id) != listed_.end()) return;
  listed_.push_back({std::string(response_id), now});
  if (listed_.size() > max_listed) listed_.pop_front();
}

std::size_t interception_watch::missed(std::int64_t now) const {
  std::size_t unseen = 0;
  for (const listing& each : listed_) {
    if (seen_.contains(each.response_id)) return 0;
    unseen += each.at + grace_ms <= now;
  }
  return unseen;
}

}  // namespace app
