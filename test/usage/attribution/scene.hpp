#pragma once

// A playbook for attribution: what is found, one line each, and where the rows are then.

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "usage/attribution/attribution_core.hpp"

namespace usage {

/// Found by GoogleTest.
inline void PrintTo(const placement& p, std::ostream* out) {
  *out << "row " << p.row << " in \"" << p.conversation << "\" by " << p.rule << ", claimed \"" << p.claimed
       << "\", flags " << int{p.flags} << ", " << p.logical_request << " attempt " << p.attempt << ", at " << p.at;
}

}  // namespace usage

namespace usage::testing {

/// The ids of one call of cascade `c` in trajectory `t`, as the wire shows them.
inline row_seen agent_call(std::int64_t row, std::string_view c, std::string_view t, std::int64_t step) {
  return {.row = row, .started_at = row, .conversation = c, .rule = "request_id", .trajectory_id = t, .step = step};
}

class scene {
 public:
  explicit scene(attribution_limits limits = {}) : core_(limits) {}

  scene& at(std::int64_t now) {
    now_ = now;
    return *this;
  }
  scene& row(const row_seen& seen) { return apply(seen); }
  scene& trajectory(std::string_view id, std::string_view cascade) {
    return apply(id_found{id_kind::trajectory, id, cascade});
  }
  scene& response(std::string_view id, std::string_view cascade) {
    return apply(id_found{id_kind::response, id, cascade});
  }
  scene& trace(std::string_view id, std::string_view cascade) { return apply(id_found{id_kind::trace, id, cascade}); }
  scene& cascade(std::string_view id) { return apply(id_found{id_kind::conversation, id, id}); }
  scene& parent(std::string_view child, std::string_view parent) { return apply(parent_found{child, parent}); }
  scene& apply(const finding& found) {
    for (const placement& each : core_.apply(found, now_)) {
      places_[each.row] = each;
      ++changes_[each.row];
    }
    return *this;
  }

  /// Of the last placement.
  const placement& operator[](std::int64_t row) const { return places_.at(row); }
  std::string conversation(std::int64_t row) const { return places_.at(row).conversation; }
  std::string rule(std::int64_t row) const { return places_.at(row).rule; }
  int flags(std::int64_t row) const { return places_.at(row).flags; }
  /// How often the row was placed.
  int changes(std::int64_t row) const { return changes_.at(row); }
  const std::map<std::int64_t, placement>& places() const { return places_; }
  attribution_counts counts() const { return core_.counts(); }

 private:
  attribution_core core_;
  std::int64_t now_ = 1000;
  std::map<std::int64_t, placement> places_;
  std::map<std::int64_t, int> changes_;
};

}  // namespace usage::testing
