#include "app/run/tally.hpp"

#include <algorithm>
#include <utility>

namespace app::run {

std::int64_t tally::add(const usage::usage_record& row) {
  std::lock_guard lock(mutex_);
  const auto change = calls_.see(row);
  if (change.as_it_is) count_everywhere(row, 1);
  for (const auto& each : change.less) count_everywhere(each, -1);
  for (const auto& each : change.more) count_everywhere(each, 1);
  return totals_.input_tokens + totals_.output_tokens;
}

void tally::count_everywhere(const usage::usage_record& row, std::int64_t times) {
  usage::add_row(totals_, row, times);
  count_in_group(models_, row.requested_model.empty() ? row.served_model : row.requested_model, row, times);
  count_in_group(conversations_, row.conversation, row, times);
  count_in_group(processes_, row.executable, row, times);
}

void tally::count_in_group(groups& into, const std::string& key, const usage::usage_record& row, std::int64_t times) {
  auto found = into.find(key);
  if (found == into.end()) {
    if (times < 0 || into.size() == max_groups) return;
    found = into.emplace(key, usage::usage_group{key, {}, row.started_at, row.started_at}).first;
  }
  auto& group = found->second;
  usage::add_row(group.totals, row, times);
  group.first_at = std::min(group.first_at, row.started_at);
  group.last_at = std::max(group.last_at, row.started_at);
}

usage::usage_summary tally::summary() const {
  std::lock_guard lock(mutex_);
  const auto listed = [](const groups& all) {
    std::vector<usage::usage_group> list;
    for (const auto& [key, group] : all) list.push_back(group);
    return list;
  };
  usage::usage_summary summary{totals_, {}};
  summary.groups.emplace_back(usage::group_by::model, listed(models_));
  summary.groups.emplace_back(usage::group_by::conversation, listed(conversations_));
  summary.groups.emplace_back(usage::group_by::process, listed(processes_));
  return summary;
}

}  // namespace app::run
