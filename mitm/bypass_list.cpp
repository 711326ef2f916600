#include "mitm/bypass_list.hpp"

#include <algorithm>

#include "mitm/host_name.hpp"

namespace mitm {

bypass_list::rejection bypass_list::rejected(std::string_view host, std::string_view why, instant now) {
  const std::string name = normal_host_name(host);
  const std::lock_guard lock{mutex_};
  rejection result{.first = !hosts_.contains(name)};
  record& known = touch(name, now);
  const bool was_bypassed = known.until > now;
  ++known.rejections;
  known.reason = why.substr(0, max_reason);
  if (after_ != 0 && known.rejections >= after_ && !was_bypassed) {
    known.until = now + lasting_;
    result.became_bypassed = true;
  }
  return result;
}

void bypass_list::accepted(std::string_view host) {
  const std::string name = normal_host_name(host);
  const std::lock_guard lock{mutex_};
  const auto found = hosts_.find(name);
  if (found == hosts_.end()) return;
  // The record stays: where some clients of a host trust us and others do not, the log would repeat itself for ever.
  found->second.rejections = 0;
  found->second.until = {};
}

bool bypass_list::bypassed(std::string_view host, instant now) const {
  const std::string name = normal_host_name(host);
  const std::lock_guard lock{mutex_};
  const auto found = hosts_.find(name);
  return found != hosts_.end() && found->second.until > now;
}

std::vector<bypass_list::row> bypass_list::snapshot(instant now, wall_time clock) const {
  std::vector<row> rows;
  const std::lock_guard lock{mutex_};
  for (const auto& [host, known] : hosts_) {
    if (known.until <= now) continue;
    const auto left = std::chrono::duration_cast<wall_time::duration>(known.until - now);
    rows.push_back({host, clock + left, known.rejections, known.reason});
  }
  return rows;
}

bypass_list::record& bypass_list::touch(const std::string& host, instant now) {
  if (hosts_.size() >= max_hosts && !hosts_.contains(host)) forget_oldest();
  record& known = hosts_[host];
  if (known.until != instant{} && known.until <= now) known = {};
  known.heard = now;
  return known;
}

void bypass_list::forget_oldest() {
  const auto earlier = [](const auto& a, const auto& b) { return a.second.heard < b.second.heard; };
  hosts_.erase(std::min_element(hosts_.begin(), hosts_.end(), earlier));
}

}  // namespace mitm
