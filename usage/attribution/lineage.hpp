#pragma once

// Which cascade is a sub-agent of which. Pure; attribution_core owns one.

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace usage {

class lineage {
 public:
  /// Depth of sub-agents. A longer chain, or a cycle, is cut there.
  static constexpr int max_depth = 16;

  explicit lineage(std::size_t capacity) : capacity_(capacity) {}

  /// True if the link is new. Of two parents of a child, the alphabetically first is used, whatever their order.
  bool add(std::string_view child, std::string_view parent);

  bool is_ancestor(std::string_view ancestor, std::string_view descendant) const;
  /// They are equal, one is an ancestor of the other, or they have the same root.
  bool related(std::string_view a, std::string_view b) const;

  std::size_t size() const { return parents_.size(); }

 private:
  std::string_view parent_of(std::string_view child) const;
  std::string_view root_of(std::string_view cascade) const;

  std::size_t capacity_;                                     // links; the oldest are forgotten
  std::map<std::string, std::string, std::less<>> parents_;  // child → parent
  std::deque<std::string> oldest_first_;
};

}  // namespace usage
