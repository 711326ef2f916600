#include "test/sim/language_server/cascades.hpp"

#include "test/sim/language_server/turn.hpp"
#include "test/sim/language_server/unique_id.hpp"

namespace sim::ls {

cascade_ptr cascades::start(std::string id) {
  if (id.empty()) id = unique_id();
  const std::scoped_lock lock(mutex_);
  auto& entry = by_id_[id];
  if (!entry) entry = std::make_shared<live_cascade>(pool_, new_transcript(std::move(id), asked_.giant_snapshot));
  return entry;
}

cascade_ptr cascades::find(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<cascade_ptr> cascades::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<cascade_ptr> list;
  for (const auto& [id, one] : by_id_) list.push_back(one);
  return list;
}

bool cascades::send(const cascade_ptr& cascade, std::string text, const model& asked) {
  auto behaviour = read_markers(asked_, text);
  prompt said{.text = std::move(text), .asked = &asked, .behaviour = std::move(behaviour)};
  if (!cascade->add(said)) return true;
  start_turn(cascade, upstream_, std::move(said));
  return false;
}

bool cascades::erase(const std::string& id) {
  cascade_ptr gone;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return false;
    gone = std::move(found->second);
    by_id_.erase(found);
  }
  live_cascade::cancel(gone);
  gone->talk().end_all({grpc::StatusCode::UNKNOWN, "trajectory was deleted"});
  return true;
}

}  // namespace sim::ls
