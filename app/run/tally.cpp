#include "app/run/tally.hpp"

#include <algorithm>
#include <utility>

namespace app::run {

void add_to(usage::usage_totals& totals, const usage::usage_record& row) {
  const bool model = row.kind == usage::call_kind::model;
  ++(model ? totals.requests : totals.other_requests);
  if (row.kind == usage::call_kind::prewarm) return;
  totals.input_uncached_tokens += row.tokens.input_uncached.value_or(0);
  totals.cache_read_tokens += row.tokens.cache_read.value_or(0);
  totals.cache_write_tokens += row.tokens.cache_write.value_or(0);
  totals.input_tokens += row.tokens.input_total().value_or(0);
  totals.output_tokens += row.tokens.output_total.value_or(0);
  totals.thinking_tokens += row.tokens.thinking.value_or(0);
  if (!model) return;
  totals.errors += row.status == usage::record_status::error;
  totals.interrupted += row.status == usage::record_status::interrupted;
  totals.unreported += row.status == usage::record_status::unreported;
  totals.retries += row.attempt > 0;
}

std::int64_t tally::add(const usage::usage_record& row) {
  std::lock_guard lock(mutex_);
  if (!repeated(row)) {
    add_to(totals_, row);
    add_to_group(models_, row.requested_model.empty() ? row.served_model : row.requested_model, row);
    add_to_group(conversations_, row.conversation, row);
    add_to_group(processes_, row.executable, row);
  }
  return totals_.input_tokens + totals_.output_tokens;
}

bool tally::repeated(const usage::usage_record& row) {
  if (row.response_id.empty()) return false;
  auto id = row.host + ' ' + row.response_id;
  if (!known_.insert(id).second) return true;
  order_.push_back(std::move(id));
  if (order_.size() > max_remembered) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return false;
}

void tally::add_to_group(groups& into, const std::string& key, const usage::usage_record& row) {
  auto found = into.find(key);
  if (found == into.end()) {
    if (into.size() == max_groups) return;
    found = into.emplace(key, usage::usage_group{key, {}, row.started_at, row.started_at}).first;
  }
  auto& group = found->second;
  add_to(group.totals, row);
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
