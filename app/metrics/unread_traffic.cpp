#include "app/metrics/unread_traffic.hpp"

#include <algorithm>
#include <tuple>

namespace app {

bool unread_traffic::note(const usage::unread_note& note, mitm::unread why) {
  counts_[static_cast<std::size_t>(why)].fetch_add(static_cast<std::uint64_t>(note.connections),
                                                   std::memory_order_relaxed);
  key which(note.host, note.path, why, note.program);
  std::lock_guard lock(mutex_);
  if (const auto known = entries_.find(which); known != entries_.end()) {
    add_to(known->second, note);
    return false;
  }
  auto entry = note;
  if (entries_.size() >= usage::max_unread_entries) {
    entry.host = usage::further_hosts;
    entry.path.clear();
    entry.program.clear();
    which = {entry.host, entry.path, why, entry.program};
  }
  const auto [place, first] = entries_.try_emplace(std::move(which), entry);
  if (!first) add_to(place->second, entry);
  return first;
}

std::vector<usage::unread_note> unread_traffic::entries() const {
  std::vector<usage::unread_note> all;
  std::unique_lock lock(mutex_);
  for (const auto& [which, entry] : entries_) all.push_back(entry);
  lock.unlock();
  std::ranges::sort(all, [](const auto& a, const auto& b) {
    return std::tie(b.last_at, a.host, a.path, a.why) < std::tie(a.last_at, b.host, b.path, b.why);
  });
  return all;
}

}  // namespace app
