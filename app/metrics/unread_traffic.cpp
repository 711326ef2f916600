#include "app/metrics/unread_traffic.hpp"

namespace app {

bool unread_traffic::note(std::string_view host, mitm::unread why, std::int64_t now) {
  counts_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
  std::pair which(std::string(host), why);
  std::lock_guard lock(mutex_);
  if (rows_.size() >= max_rows && !rows_.contains(which)) which.first = "other";
  auto& known = rows_[std::move(which)];
  known.last_at = now;
  return ++known.count == 1;
}

std::vector<unread_traffic::row> unread_traffic::rows() const {
  std::vector<row> all;
  std::lock_guard lock(mutex_);
  for (const auto& [which, known] : rows_) all.push_back({which.first, which.second, known.count, known.last_at});
  return all;
}

}  // namespace app
