#include "usage/attribution/attempts.hpp"

#include <algorithm>
#include <tuple>

namespace usage {
namespace {

std::string name_of(std::string_view trajectory, std::int64_t step) {
  return std::string(trajectory) + "/" + std::to_string(step);
}

}  // namespace

void attempts::place::pass(const step_call& call) {
  ++attempt;
  if (!call.complete) return;
  ++request;
  attempt = 0;
}

void attempts::step_calls::drop_first() {
  first.pass(calls.front().what);
  calls.erase(calls.begin());
}

const std::vector<attempt_of>& attempts::add(std::string_view trajectory, std::int64_t step, const step_call& added) {
  const std::string name = name_of(trajectory, step);
  step_calls& known = steps_[kept_string(name)];
  const auto later = std::ranges::upper_bound(known.calls, std::tie(added.started_at, added.row), {},
                                              [](const call& c) { return std::tie(c.what.started_at, c.what.row); });
  known.calls.insert(later, {added, false});
  numbered_.clear();
  place at = known.first;
  for (const call& each : known.calls) {
    const std::string request = at.request == 1 ? name : name + "#" + std::to_string(at.request);
    if (!each.forgotten) numbered_.push_back({each.what.row, request, at.attempt});
    at.pass(each.what);
  }
  if (known.calls.size() > max_calls) known.drop_first();
  return numbered_;
}

void attempts::forget(std::string_view trajectory, std::int64_t step, std::int64_t row) {
  const std::string name = name_of(trajectory, step);
  const auto found = steps_.find(std::string_view(name));
  if (found == steps_.end()) return;
  step_calls& known = found->second;
  for (call& each : known.calls) each.forgotten = each.forgotten || each.what.row == row;
  if (std::ranges::all_of(known.calls, &call::forgotten)) {
    steps_.erase(found);
    return;
  }
  while (known.calls.front().forgotten) known.drop_first();
}

}  // namespace usage
