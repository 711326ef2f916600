#include "usage/ledger/placing.hpp"

#include <algorithm>
#include <string_view>

#include "usage/fetched_answer.hpp"
#include "usage/ledger/exchange_row.hpp"
#include "usage/ledger/rollups.hpp"

namespace usage {
namespace {

struct place {
  std::int64_t id = 0;
  std::int64_t started_at = 0;
  std::string conversation;
  std::string response_id;
};

// Of one id, the latest: a relay may give all its answers the same.
constexpr std::int64_t max_calls_of_id = 256;

constexpr std::string_view by_key =
    "SELECT id, started_at, conversation, response_id FROM exchanges WHERE row_key = ?1";
constexpr std::string_view by_response =
    "SELECT id, started_at, conversation, response_id FROM exchanges WHERE response_id = ?1 AND response_id <> '' "
    "AND kind <> 'other' AND host = ?2 ORDER BY id DESC LIMIT 1";

template <class... Values>
std::optional<place> find(sqlite_connection& connection, std::string_view sql, const Values&... values) {
  std::optional<place> found;
  sqlite_statement& row = connection.prepared(sql).with(values...);
  while (row.step()) {
    found.emplace();
    row.read(found->id, found->started_at, found->conversation, found->response_id);
  }
  return found;
}

constexpr std::string_view update_sql =
    "UPDATE exchanges SET conversation = ?2, attributed_by = ?3, claimed_conversation = ?4, attribution_flags = ?5, "
    "logical_request = ?6, attempt = ?7, attributed_at = ?8 WHERE id = ?1 AND (conversation <> ?2 OR "
    "attributed_by <> ?3 OR claimed_conversation <> ?4 OR attribution_flags <> ?5 OR logical_request <> ?6 OR "
    "attempt <> ?7)";

bool move(sqlite_connection& connection, rollups& sums, const place& from, const placement& to) {
  sums.subtract(from.id);
  connection.prepared(update_sql)
      .with(from.id, to.conversation, to.rule, to.claimed, to.flags, to.logical_request, to.attempt, to.at)
      .run();
  const bool moved = connection.changes() != 0;
  sums.add_again(from.id);
  if (from.conversation != to.conversation) sums.tighten(from.conversation, from.started_at);
  return moved;
}

placement placement_of(const usage_record& record) {
  placement where;
  where.conversation = record.conversation;
  where.rule = record.attributed_by;
  where.claimed = record.claimed_conversation;
  where.flags = record.attribution_flags;
  where.logical_request = record.logical_request;
  where.attempt = record.attempt;
  where.at = record.attributed_at.value_or(record.started_at);
  return where;
}

}  // namespace

bool place_row(sqlite_connection& connection, rollups& sums, const placement& where) {
  const auto row = find(connection, by_key, where.row);
  return row && move(connection, sums, *row, where);
}

fetched_calls::fetched_calls(sqlite_connection& connection, const usage_record& record)
    : connection_(connection), row_(&record) {
  if (tells_usage(record)) {
    find_call(record);
  } else if (can_be_fetched(record)) {
    find_fetch(record);
  }
}

/// The call of a fetch.
void fetched_calls::find_call(const usage_record& fetch) {
  static const std::string sql = select_exchanges() +
                                 " WHERE response_id = ?1 AND response_id <> '' AND kind <> 'other' AND "
                                 "kind = 'model' AND host = ?2 ORDER BY id DESC LIMIT ?3";
  std::vector<usage_record> calls;
  sqlite_statement& row = connection_.prepared(sql).with(fetch.response_id, fetch.host, max_calls_of_id);
  while (row.step()) calls.push_back(read_exchange(row));
  if (calls.empty()) return;
  std::ranges::reverse(calls);
  changed_row_ = without_usage(fetch);
  row_ = &changed_row_;
  if (const auto at = completed_by(fetch, calls)) {
    after_ = calls[*at];
    complete(*after_, fetch);
    place_ = fetch;
  }
}

/// The fetch that counts as a call, of a call whose row comes later: its stream went on, or the row waited.
void fetched_calls::find_fetch(const usage_record& call) {
  static const std::string sql =
      select_exchanges() +
      " WHERE response_id = ?1 AND host = ?2 AND request_kind = 'fetch' AND kind = 'model' ORDER BY id LIMIT 1";
  std::optional<usage_record> fetch;
  sqlite_statement& row = connection_.prepared(sql).with(call.response_id, call.host);
  while (row.step()) fetch = read_exchange(row);
  if (!fetch || !is_fetch(*fetch) || !is_call_of(call, *fetch)) return;
  changed_row_ = call;
  if (is_open(call)) complete(changed_row_, *fetch);
  row_ = &changed_row_;
  after_ = without_usage(*fetch);
}

void fetched_calls::join(rollups& sums) const {
  if (!after_) return;
  sums.subtract(after_->id);
  update_usage(connection_, *after_);
  sums.add_again(after_->id);
  if (place_ && !place_->conversation.empty() && after_->conversation.empty())
    move(connection_, sums, {after_->id, after_->started_at, {}, after_->response_id}, placement_of(*place_));
}

std::string chained_conversation(sqlite_connection& connection, rollups& sums, const usage_record& record) {
  const auto before = find(connection, by_response, record.conversation, record.host);
  if (!before) return record.conversation;
  if (!before->conversation.empty()) return before->conversation;
  placement named = placement_of(record);
  named.logical_request.clear();
  named.attempt = 0;
  move(connection, sums, *before, named);
  return record.conversation;
}

}  // namespace usage
