#include "app/interception_watch.hpp"

#include <algorithm>
#include <functional>

namespace app {

void interception_watch::seen(std::string_view response_id) {
  if (response_id.empty()) return;
  seen_.push_back(std::hash<std::string_view>()(response_id));
  if (seen_.size() > max_seen) seen_.pop_front();
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
    if (std::ranges::find(seen_, std::hash<std::string_view>()(each.response_id)) != seen_.end()) return 0;
    unseen += each.at + grace_ms <= now;
  }
  return unseen;
}

}  // namespace app
