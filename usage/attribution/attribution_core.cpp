#include "usage/attribution/attribution_core.hpp"

#include <algorithm>
#include <utility>

#include "usage/trace_id.hpp"

namespace usage {
namespace {

constexpr std::string_view by_request_id = "request_id";
constexpr std::string_view by_chain = "body:previous_response_id";

bool is_fallback(std::string_view rule) {
  return rule == by_transcript || rule == by_process;
}

/// The number of old rows and ids that one call expires, so that the first call after a pause is not slow.
constexpr int expired_per_call = 64;

constexpr id_role role_of(id_kind kind) {
  switch (kind) {
    case id_kind::conversation:
      return id_role::conversation;
    case id_kind::trajectory:
      return id_role::trajectory;
    case id_kind::response:
      return id_role::response;
    case id_kind::trace:
      return id_role::trace;
  }
  return id_role::conversation;
}

constexpr std::string_view rule_of(id_role role) {
  switch (role) {
    case id_role::conversation:
      return by_request_id;
    case id_role::trajectory:
      return "trajectory_id";
    case id_role::response:
      return "response_id";
    case id_role::trace:
      return "trace_id";
    case id_role::link:
      return by_chain;
  }
  return {};
}

std::string plain(id_role role, std::string_view id) {
  return role == id_role::trace ? plain_trace(id) : std::string(id);
}

constexpr std::array every_role{id_role::conversation, id_role::trajectory, id_role::response, id_role::trace,
                                id_role::link};
constexpr std::array server_roles{id_role::trajectory, id_role::response, id_role::trace};

}  // namespace

attribution_core::attribution_core(attribution_limits limits) : limits_(limits), lineage_(limits.ids) {}

std::span<const placement> attribution_core::apply(const finding& found, std::int64_t now) {
  now_ = std::max(now_, now);
  placements_.clear();
  std::visit([this](const auto& each) { on(each); }, found);
  place_changed_rows();
  expire();
  return placements_;
}

void attribution_core::known_place::take(const placement& latest) {
  conversation = latest.conversation;
  rule = latest.rule;
  claimed = latest.claimed;
  logical_request = latest.logical_request;
  flags = latest.flags;
  attempt = latest.attempt;
}

/// As placement::same_place().
bool attribution_core::known_place::same(const placement& other) const {
  return conversation == std::string_view(other.conversation) && rule == std::string_view(other.rule) &&
         claimed == std::string_view(other.claimed) && flags == other.flags &&
         logical_request == std::string_view(other.logical_request) && attempt == other.attempt;
}

attribution_counts attribution_core::counts() const {
  attribution_counts counts = counts_;
  counts.waiting = rows_.size();
  counts.disputed = contested_.size();
  return counts;
}

void attribution_core::on(const row_seen& seen) {
  if (rows_.contains(seen.row)) return;
  ++counts_.rows;
  row& added = rows_.emplace(seen.row, remember(seen)).first->second;
  oldest_first_.push_back(seen.row);
  for (const id_role role : every_role)
    if (!added.id(role).empty()) ids_.add_row(role, added.id(role), seen.row);
  count_attempt(seen.row, added, seen);
  // The first answer of a chain has no conversation until another one continues it.
  if (const auto* continued = ids_.find(id_role::response, added.id(id_role::link)))
    for (const std::int64_t key : continued->rows.all()) look_again(key);
  look_again(seen.row);
}

void attribution_core::on(const id_found& found) {
  take_claim(id_role::conversation, found.cascade, found.cascade);
  if (found.kind != id_kind::conversation) take_claim(role_of(found.kind), found.id, found.cascade);
}

void attribution_core::on(const parent_found& found) {
  take_claim(id_role::conversation, found.child, found.child);
  take_claim(id_role::conversation, found.parent, found.parent);
  if (std::max(found.child.size(), found.parent.size()) > max_id || found.child.empty() || found.parent.empty()) return;
  if (!lineage_.add(found.child, found.parent)) return;
  for (const std::int64_t key : contested_) look_again(key);
}

attribution_core::row attribution_core::remember(const row_seen& seen) {
  row added;
  added.seen_at = now_;
  added.rule = seen.rule;
  added.attempt = seen.attempt;
  const auto keep = [&](id_role role, std::string_view id) {
    if (id.size() > max_id) {
      ++counts_.overlong_ids;
    } else {
      added.ids[static_cast<std::size_t>(role)] = plain(role, id);
    }
  };
  keep(id_role::trajectory, seen.trajectory_id);
  keep(id_role::response, seen.response_id);
  keep(id_role::trace, seen.trace_id);
  if (is_fallback(seen.rule)) {
    added.fallback = seen.conversation.substr(0, max_id);
    return added;
  }
  if (seen.rule != by_chain) keep(id_role::conversation, seen.conversation);
  if (seen.rule == by_chain && seen.conversation != seen.response_id) keep(id_role::link, seen.conversation);
  return added;
}

void attribution_core::count_attempt(std::int64_t key, row& added, const row_seen& seen) {
  const std::string_view trajectory = added.id(id_role::trajectory);
  if (trajectory.empty() || !seen.step) return;
  added.step = seen.step;
  for (const attempt_of& each : attempts_.add(trajectory, *seen.step, {key, seen.started_at, seen.complete})) {
    row& known = rows_.at(each.row);
    known.logical_request = each.logical_request;
    known.attempt = each.attempt;
    look_again(each.row);
  }
}

void attribution_core::take_claim(id_role role, std::string_view id, std::string_view cascade) {
  if (id.empty() || cascade.empty()) return;
  if (id.size() > max_id || cascade.size() > max_id) {
    ++counts_.overlong_ids;
    return;
  }
  const std::string name = plain(role, id);
  if (name.empty() || !ids_.claim(role, name, cascade, now_)) return;
  for (const std::int64_t key : ids_.find(role, name)->rows.all()) look_again(key);
}

void attribution_core::look_again(std::int64_t key) {
  again_.push_back(key);
}

void attribution_core::place_changed_rows() {
  // Cyclic chains end here.
  std::size_t left = again_.size() + 2 * rows_.size();
  for (; !again_.empty() && left != 0; --left) {
    const std::int64_t key = again_.front();
    again_.pop_front();
    if (const auto known = rows_.find(key); known != rows_.end()) place(key, known->second);
  }
  again_.clear();
}

void attribution_core::place(std::int64_t key, row& known) {
  placement decided = decide(key, known);
  if (known.placed && known.last.same(decided)) return;
  if (known.placed && decided.conversation != std::string_view(known.last.conversation)) ++counts_.late;
  if ((decided.flags & (disputed | ambiguous)) != 0) {
    contested_.insert(key);
  } else {
    contested_.erase(key);
  }
  known.placed = true;
  known.last.take(decided);
  placements_.push_back(std::move(decided));
  if (const auto* continuing = ids_.find(id_role::link, known.id(id_role::response)))
    for (const std::int64_t next : continuing->rows.all()) look_again(next);
}

placement attribution_core::decide(std::int64_t key, const row& known) const {
  placement decided;
  decided.row = key;
  decided.at = now_;
  decided.logical_request = known.logical_request;
  decided.attempt = known.attempt;
  const auto claims = claims_of(known, decided.flags);
  claim best = claims.empty() ? chain_of(known) : claims.front();
  if (best.conversation.empty()) best = {known.fallback, known.fallback.empty() ? std::string_view() : known.rule};
  decided.flags |= dispute(claims);
  if (best.rule == by_request_id && claims.size() > 1 && !known_cascade(best.conversation)) {
    best = claims[1];
    decided.flags |= unknown_conversation;
  }
  decided.conversation = best.conversation;
  decided.rule = best.rule;
  const std::string_view own = known.id(id_role::conversation);
  if (own != best.conversation) decided.claimed = own;
  return decided;
}

std::vector<attribution_core::claim> attribution_core::claims_of(const row& known, std::uint8_t& flags) const {
  std::vector<claim> claims;
  const std::string_view own = known.id(id_role::conversation);
  if (!own.empty() && known.rule == by_request_id) claims.push_back({own, by_request_id});
  for (const id_role role : server_roles)
    if (const auto cascade = winner(role, known.id(role), flags); !cascade.empty())
      claims.push_back({cascade, rule_of(role)});
  if (!own.empty() && known.rule != by_request_id) claims.push_back({own, known.rule});
  return claims;
}

/// The cascade that claims the id, if it is unique. Of a sub-agent and its ancestors, it is the sub-agent.
std::string_view attribution_core::winner(id_role role, std::string_view id, std::uint8_t& flags) const {
  if (id.empty()) return {};
  const id_table::entry* entry = ids_.find(role, id);
  if (entry == nullptr) return {};
  std::string_view winner;
  int candidates = entry->overclaimed ? 2 : 0;
  for (const std::string_view cascade : entry->cascades) {
    const bool has_child = std::ranges::any_of(
        entry->cascades, [&](std::string_view other) { return lineage_.is_ancestor(cascade, other); });
    if (has_child) continue;
    winner = cascade;
    ++candidates;
  }
  if (candidates > 1) flags |= ambiguous;
  return candidates == 1 ? winner : std::string_view();
}

attribution_core::claim attribution_core::chain_of(const row& known) const {
  const std::string_view previous = known.id(id_role::link);
  if (previous.empty()) {
    const std::string_view own = known.id(id_role::response);
    const auto* continuing = own.empty() ? nullptr : ids_.find(id_role::link, own);
    return continuing == nullptr ? claim{} : claim{own, by_chain};
  }
  if (const auto* entry = ids_.find(id_role::response, previous); entry != nullptr && !entry->rows.empty()) {
    const known_place& before = rows_.at(entry->rows.all().front()).last;
    if (!before.conversation.empty()) return {before.conversation, by_chain};
  }
  return {previous, by_chain};
}

bool attribution_core::known_cascade(std::string_view name) const {
  const auto* entry = ids_.find(id_role::conversation, name);
  return entry != nullptr && !entry->cascades.empty();
}

std::uint8_t attribution_core::dispute(std::span<const claim> claims) const {
  const bool agreed = std::ranges::all_of(
      claims, [&](const claim& each) { return lineage_.related(each.conversation, claims.front().conversation); });
  return agreed ? 0 : disputed;
}

void attribution_core::expire() {
  const std::int64_t horizon = now_ - limits_.remember.count();
  for (int old = 0; !oldest_first_.empty(); ++old) {
    const auto first = rows_.find(oldest_first_.front());
    const bool gone = first == rows_.end();
    const bool expired = !gone && old < expired_per_call && first->second.seen_at <= horizon;
    const bool full = rows_.size() > limits_.rows || oldest_first_.size() > 2 * limits_.rows;
    if (!gone && !expired && !full) break;
    if (!gone) forget_row(first->first);
    oldest_first_.pop_front();
  }
  for (int old = 0; ids_.claims() != 0; ++old) {
    const bool expired = old < expired_per_call && ids_.oldest().told_at <= horizon;
    if (!expired && ids_.claims() <= limits_.ids) break;
    forget_id();
  }
}

void attribution_core::forget_row(std::int64_t key) {
  const auto found = rows_.find(key);
  const row& known = found->second;
  if (known.last.conversation.empty()) ++counts_.forgotten_rows;
  for (const id_role role : every_role)
    if (!known.id(role).empty()) ids_.remove_row(role, known.id(role), key);
  if (known.step) attempts_.forget(known.id(id_role::trajectory), *known.step, key);
  contested_.erase(key);
  rows_.erase(found);
}

/// Forgets the rows with that id first. Their place was decided with it and stays.
void attribution_core::forget_id() {
  const auto oldest = ids_.oldest();
  const std::string id(oldest.id);
  if (const auto* entry = ids_.find(oldest.role, id)) {
    const auto carrying = entry->rows.all();
    const std::vector<std::int64_t> rows(carrying.begin(), carrying.end());
    for (const std::int64_t key : rows) forget_row(key);
  }
  ids_.forget_oldest();
  ++counts_.forgotten_ids;
}

}  // namespace usage
