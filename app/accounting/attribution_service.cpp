#include "app/accounting/attribution_service.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "usage/ledger/reports/ledger_reader.hpp"

namespace app {
namespace {

std::int64_t system_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

usage::row_seen seen_of(const usage::usage_record& row) {
  return {.row = row.row_key,
          .started_at = row.started_at,
          .conversation = row.conversation,
          .rule = row.attributed_by,
          .trajectory_id = row.trajectory_id,
          .response_id = row.response_id,
          .trace_id = row.trace_id,
          .step = row.step,
          .attempt = row.attempt,
          .complete = row.status == usage::record_status::complete};
}

void put(usage::usage_record& row, const usage::placement& where) {
  row.conversation = where.conversation;
  row.attributed_by = where.rule;
  row.claimed_conversation = where.claimed;
  row.attribution_flags = where.flags;
  row.logical_request = where.logical_request;
  row.attempt = where.attempt;
  if (!where.conversation.empty()) row.attributed_at = where.at;
}

/// Clients may give two turns the same request id, but not within one cascade.
std::string key_of(std::string_view cascade_id, std::string_view request_id) {
  return std::string(cascade_id).append("\n").append(request_id);
}

bool ends_turn(const cascade::event& event) {
  return std::holds_alternative<cascade::finished>(event) || std::holds_alternative<cascade::failed>(event);
}

bool tells_calls(const cascade::event& event) {
  return std::holds_alternative<cascade::token_usage>(event) || ends_turn(event);
}

}  // namespace

attribution_service::attribution_service(usage::ledger_writer& writer, usage::attribution_limits limits,
                                         std::function<std::int64_t()> now)
    : writer_(writer),
      now_(now ? std::move(now) : system_now),
      started_at_(now_()),
      core_(limits),
      fallback_(limits.transcripts),
      // Of no other run, however many rows it had: a run of so many would have to last less than a millisecond.
      next_key_(started_at_ << 20) {}

bool attribution_service::record(usage::usage_record&& row) {
  const std::lock_guard lock(mutex_);
  row.row_key = ++next_key_;
  if (row.attributed_by.empty()) fallback_.put(row);
  row.transcript_links = {};  // the queue may be long
  std::vector<usage::placement> others;
  if (row.kind != usage::call_kind::other) {
    for (const usage::placement& where : core_.apply(seen_of(row), now_())) {
      if (where.row == row.row_key) {
        put(row, where);
      } else {
        others.push_back(where);
      }
    }
    watch_.seen(row.response_id);
    publish();
  } else if (!row.conversation.empty()) {
    row.attributed_at = now_();
  }
  const bool taken = writer_.post(std::move(row));
  for (usage::placement& where : others) writer_.note(std::move(where));
  return taken;
}

void attribution_service::remember(const usage::usage_record& row) {
  const std::lock_guard lock(mutex_);
  if (row.row_key != 0) core_.apply(seen_of(row), now_());
  publish();
}

void attribution_service::remember_earlier(usage::ledger_options ledger, const usage::attribution_limits& limits,
                                           const std::stop_token& stopped) {
  ledger.file = writer_.file();
  auto reader = usage::ledger_reader::open(ledger);
  if (!reader) return;
  if (const auto sent = reader->transcripts(static_cast<std::int64_t>(limits.transcripts))) {
    for (const usage::known_transcript& each : *sent) {
      const std::lock_guard lock(mutex_);
      if (stopped.stop_requested() || !fallback_.recall(each)) break;
    }
  }
  const auto rows = reader->unattributed(now_() - limits.remember.count(), static_cast<std::int64_t>(limits.rows));
  if (!rows) return;
  for (const auto& each : *rows) {
    if (stopped.stop_requested()) return;
    remember(each);
  }
}

void attribution_service::on_turn_begin(const turn_begin& begun) {
  const std::lock_guard lock(mutex_);
  if (turns_.size() < max_turns)
    turns_.insert_or_assign(key_of(begun.cascade_id, begun.request_id), turn{begun.first_step, begun.at});
  learn(usage::id_found{usage::id_kind::conversation, begun.cascade_id, begun.cascade_id});
  writer_.note(usage::conversation_turn{begun.cascade_id, begun.request_id, begun.first_step, begun.at, {}, {}, ""});
}

void attribution_service::on_update(turn_of turn, std::span<const cascade::event> events,
                                    const exa::jetski_cortex_pb::CascadeState& state) {
  if (std::ranges::none_of(events, tells_calls)) return;
  {
    const std::lock_guard lock(mutex_);
    learn(usage::id_found{usage::id_kind::trajectory, state.trajectory().trajectory_id(), turn.cascade_id});
    for (const cascade::event& event : events)
      for (const usage::server_call& call : calls_of(event, turn)) take(call, true);
  }
  if (std::ranges::none_of(events, ends_turn)) return;
  const std::uint32_t first_step = first_step_of(turn);
  const trajectory_calls all = calls_of(state.trajectory(), turn, first_step);
  for (const named_trajectory& each : all.trajectories) on_listed(each);
  for (const sub_agent_link& each : all.sub_agents) on_listed(each);
  const std::lock_guard lock(mutex_);
  for (const listed_call& each : all.calls) take(each.call, true);
}

void attribution_service::on_turn_end(const turn_outcome& ended) {
  const std::lock_guard lock(mutex_);
  usage::conversation_turn whole{ended.cascade_id,     ended.request_id, 0, ended.at, ended.at,
                                 ended.first_token_ms, ended.outcome};
  if (const auto begun = turns_.find(key_of(ended.cascade_id, ended.request_id)); begun != turns_.end()) {
    whole.first_step = begun->second.first_step;
    whole.began_at = begun->second.began_at;
    turns_.erase(begun);
  }
  writer_.note(std::move(whole));
}

void attribution_service::on_cascade(std::string_view cascade_id) {
  const std::lock_guard lock(mutex_);
  learn(usage::id_found{usage::id_kind::conversation, cascade_id, cascade_id});
}

void attribution_service::on_listed(const named_trajectory& trajectory) {
  const std::lock_guard lock(mutex_);
  learn(usage::id_found{usage::id_kind::trajectory, trajectory.trajectory, trajectory.cascade});
}

void attribution_service::on_listed(const sub_agent_link& link) {
  const std::lock_guard lock(mutex_);
  if (link.is_cascade) learn(usage::parent_found{link.child, link.parent});
  writer_.note(usage::conversation_parent{link.child, link.parent, now_()});
}

void attribution_service::on_listed(const listed_call& listed) {
  const std::lock_guard lock(mutex_);
  // Told to the second.
  take(listed.call, listed.made_at != 0 && listed.made_at >= started_at_ / 1000 * 1000);
}

usage::attribution_counts attribution_service::counts() const {
  return {.rows = published_.rows,
          .late = published_.late,
          .disputed = published_.disputed,
          .forgotten_rows = published_.forgotten_rows,
          .forgotten_ids = published_.forgotten_ids,
          .overlong_ids = published_.overlong_ids,
          .waiting = published_.waiting};
}

/// Under the mutex, after what may have changed them.
void attribution_service::publish() {
  constexpr auto order = std::memory_order_relaxed;
  const auto now = core_.counts();
  published_.rows.store(now.rows, order);
  published_.late.store(now.late, order);
  published_.disputed.store(now.disputed, order);
  published_.forgotten_rows.store(now.forgotten_rows, order);
  published_.forgotten_ids.store(now.forgotten_ids, order);
  published_.overlong_ids.store(now.overlong_ids, order);
  published_.waiting.store(now.waiting, order);
}

std::size_t attribution_service::not_intercepted() const {
  return watch_.missed(now_());
}

/// Under the mutex.
void attribution_service::learn(const usage::finding& found) {
  for (const usage::placement& where : core_.apply(found, now_())) writer_.note(where);
  publish();
}

/// Under the mutex. The links are written before the calls, which ask them whose a call is.
void attribution_service::take(const usage::server_call& call, bool since_start) {
  learn(usage::id_found{usage::id_kind::response, call.response_id, call.conversation});
  learn(usage::id_found{usage::id_kind::trace, call.trace_id, call.conversation});
  if (since_start && !call.failed_attempt) watch_.listed(call.response_id, now_());
  usage::server_call reported = call;
  reported.reported_at = now_();
  writer_.note(std::move(reported));
}

std::uint32_t attribution_service::first_step_of(turn_of turn) const {
  const std::lock_guard lock(mutex_);
  const auto found = turns_.find(key_of(turn.cascade_id, turn.request_id));
  return found == turns_.end() ? 0 : found->second.first_step;
}

}  // namespace app
