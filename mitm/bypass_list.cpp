#include "mitm/bypass_list.hpp"

#include <algorithm>

#include "net/text/host_name.hpp"

namespace mitm {

bypass_list::rejection bypass_list::rejected(std::string_view host, const client_program& program, std::string_view why,
                                             instant now) {
  const key which{net::text::normal_host_name(host), program};
  const std::lock_guard lock{mutex_};
  rejection result{.first = !records_.contains(which)};
  record& known = touch(which, now);
  const bool was_bypassed = known.until > now;
  ++known.rejections;
  known.reason = why.substr(0, max_reason);
  const bool lumped = which.program.executable.empty() && trusting_.contains(which.program);
  if (after_ != 0 && known.rejections >= after_ && !was_bypassed && !lumped) {
    known.until = now + lasting_;
    result.became_bypassed = true;
  }
  return result;
}

void bypass_list::accepted(std::string_view host, const client_program& program) {
  const key which{net::text::normal_host_name(host), program};
  const std::lock_guard lock{mutex_};
  remember_trusting(program);
  const auto found = records_.find(which);
  if (found == records_.end()) return;
  // Keep the record: if a program trusts us only sometimes, the log would repeat itself for ever.
  found->second.rejections = 0;
  found->second.until = {};
}

bool bypass_list::trusts(const client_program& program) const {
  const std::lock_guard lock{mutex_};
  return trusting_.contains(program);
}

bool bypass_list::bypassed(std::string_view host, const client_program& program, instant now) const {
  const key which{net::text::normal_host_name(host), program};
  const std::lock_guard lock{mutex_};
  const auto found = records_.find(which);
  return found != records_.end() && found->second.until > now;
}

bool bypass_list::knows(std::string_view host) const {
  const std::lock_guard lock{mutex_};
  if (records_.empty()) return false;
  const key least{net::text::normal_host_name(host), {}};
  const auto next = records_.lower_bound(least);
  return next != records_.end() && next->first.host == least.host;
}

std::vector<bypass_list::row> bypass_list::snapshot(instant now, wall_time clock) const {
  std::vector<row> rows;
  const std::lock_guard lock{mutex_};
  for (const auto& [which, known] : records_) {
    if (known.until <= now) continue;
    const auto left = std::chrono::duration_cast<wall_time::duration>(known.until - now);
    rows.push_back({which.host, which.program, clock + left, known.rejections, known.reason});
  }
  return rows;
}

bypass_list::record& bypass_list::touch(const key& which, instant now) {
  if (records_.size() >= max_records && !records_.contains(which)) forget_oldest();
  record& known = records_[which];
  if (known.until != instant{} && known.until <= now) known = {};
  known.heard = now;
  return known;
}

void bypass_list::remember_trusting(const client_program& program) {
  const auto [place, added] = trusting_.insert(program);
  if (!added) return;
  trusting_since_.push_back(place);
  if (trusting_since_.size() <= max_trusting) return;
  trusting_.erase(trusting_since_.front());
  trusting_since_.pop_front();
}

void bypass_list::forget_oldest() {
  const auto earlier = [](const auto& a, const auto& b) { return a.second.heard < b.second.heard; };
  records_.erase(std::min_element(records_.begin(), records_.end(), earlier));
}

}  // namespace mitm
