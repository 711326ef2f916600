#include "usage/attribution/lineage.hpp"

namespace usage {

bool lineage::add(std::string_view child, std::string_view parent) {
  if (child == parent) return false;
  if (const auto known = parents_.find(child); known != parents_.end()) {
    if (known->second <= parent) return false;
    known->second = parent;
    return true;
  }
  oldest_first_.emplace_back(child);
  parents_.emplace(child, parent);
  if (parents_.size() > capacity_) {
    parents_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  return true;
}

std::string_view lineage::parent_of(std::string_view child) const {
  const auto known = parents_.find(child);
  return known == parents_.end() ? std::string_view() : std::string_view(known->second);
}

bool lineage::is_ancestor(std::string_view ancestor, std::string_view descendant) const {
  for (int i = 0; i < max_depth; ++i) {
    descendant = parent_of(descendant);
    if (descendant.empty()) return false;
    if (descendant == ancestor) return true;
  }
  return false;
}

std::string_view lineage::root_of(std::string_view cascade) const {
  for (int i = 0; i < max_depth; ++i) {
    const std::string_view parent = parent_of(cascade);
    if (parent.empty()) break;
    cascade = parent;
  }
  return cascade;
}

bool lineage::related(std::string_view a, std::string_view b) const {
  return a == b || root_of(a) == root_of(b);
}

}  // namespace usage
