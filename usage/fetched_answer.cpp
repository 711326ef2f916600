#include "usage/fetched_answer.hpp"

#include <algorithm>
#include <utility>

namespace usage {
namespace {

std::string key_of(const usage_record& row) {
  return row.host + ' ' + row.response_id;
}

/// What sums go by.
usage_record summed_part(const usage_record& row) {
  usage_record part;
  part.started_at = row.started_at;
  part.host = row.host;
  part.path = row.path;
  part.provider = row.provider;
  part.kind = row.kind;
  part.request_kind = row.request_kind;
  part.status = row.status;
  part.requested_model = row.requested_model;
  part.served_model = row.served_model;
  part.conversation = row.conversation;
  part.executable = row.executable;
  part.attempt = row.attempt;
  part.tokens = row.tokens;
  part.facts = row.facts;
  part.usage_flags = row.usage_flags;
  return part;
}

}  // namespace

bool is_fetch(const usage_record& row) {
  if (row.request_kind != fetch_kind) return false;
  // Google's requests name kinds of their own; its interactions do not.
  return row.provider != provider::google || row.path.find("/interactions/") != row.path.npos;
}

bool can_be_fetched(const usage_record& row) {
  if (row.kind != call_kind::model || row.response_id.empty()) return false;
  // A chat completion that is stored is known to the ledger once it is fetched: too few are to remember all calls.
  const bool stored = row.provider == provider::openai_responses ||
                      (row.provider == provider::google && row.path.ends_with("/interactions"));
  return stored || is_fetch(row);
}

bool tells_usage(const usage_record& row) {
  return is_fetch(row) && can_be_fetched(row) && row.tokens != token_usage{};
}

bool is_open(const usage_record& call) {
  return call.kind == call_kind::model && !is_fetch(call) &&
         (call.tokens == token_usage{} || call.status == record_status::interrupted);
}

usage_record without_usage(usage_record fetch) {
  fetch.kind = call_kind::other;
  fetch.status = record_status::unreported;
  clear_usage(fetch);
  return fetch;
}

void complete(usage_record& call, const usage_record& fetch) {
  call.status = fetch.status;
  call.tokens = fetch.tokens;
  call.facts = fetch.facts;
  call.usage_flags = fetch.usage_flags;
  call.raw_usage = fetch.raw_usage;
  if (call.served_model.empty()) call.served_model = fetch.served_model;
}

bool is_call_of(const usage_record& call, const usage_record& fetch) {
  return call.started_at <= fetch.started_at && (is_open(call) || call.tokens == fetch.tokens);
}

std::optional<std::size_t> completed_by(const usage_record& fetch, const std::vector<usage_record>& calls) {
  std::optional<std::size_t> oldest;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!is_open(calls[i])) {
      if (calls[i].tokens == fetch.tokens) return std::nullopt;
    } else if (!oldest && calls[i].started_at <= fetch.started_at) {
      oldest = i;
    }
  }
  return oldest;
}

change_of_sums fetchable_calls::see(const usage_record& row) {
  if (!can_be_fetched(row)) return {};
  const std::string key = key_of(row);
  return is_fetch(row) ? see_fetch(key, row) : see_call(key, row);
}

change_of_sums fetchable_calls::see_fetch(const std::string& key, const usage_record& fetch) {
  const auto found = by_id_.find(key);
  if (found == by_id_.end()) {
    by_id_[key].fetch = summed_part(fetch);
    remember(key);
    return {};
  }
  change_of_sums change{.as_it_is = false, .new_usage = false};
  change.more.push_back(without_usage(fetch));
  calls_of_id& known = found->second;
  if (known.fetch && known.fetch->tokens == fetch.tokens) return change;
  const auto at = completed_by(fetch, known.calls);
  if (!at) return change;
  usage_record& call = known.calls[*at];
  change.new_usage = true;
  change.less.push_back(call);
  complete(call, fetch);
  call.raw_usage.clear();
  change.more.push_back(call);
  return change;
}

change_of_sums fetchable_calls::see_call(const std::string& key, const usage_record& call) {
  change_of_sums change;
  calls_of_id& known = by_id_[key];
  known.calls.push_back(summed_part(call));
  if (known.fetch && is_call_of(call, *known.fetch)) {
    usage_record whole = call;
    if (is_open(call)) complete(whole, *known.fetch);
    known.calls.back() = summed_part(whole);
    change = {.as_it_is = false, .new_usage = false};
    change.less.push_back(*known.fetch);
    change.more.push_back(without_usage(*known.fetch));
    change.more.push_back(std::move(whole));
    known.fetch.reset();
    return change;  // it has the place of the fetch in the order
  }
  remember(key);
  return change;
}

void fetchable_calls::remember(const std::string& key) {
  order_.push_back(key);
  if (order_.size() <= max_remembered) return;
  if (const auto oldest = by_id_.find(order_.front()); oldest != by_id_.end()) {
    calls_of_id& known = oldest->second;
    if (known.fetch) {
      known.fetch.reset();
    } else if (!known.calls.empty()) {
      known.calls.erase(known.calls.begin());
    }
    if (!known.fetch && known.calls.empty()) by_id_.erase(oldest);
  }
  order_.pop_front();
}

}  // namespace usage
