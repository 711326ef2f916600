#include "usage/ledger/placing.hpp"

#include <optional>
#include <string_view>

#include "usage/ledger/rollups.hpp"

namespace usage {
namespace {

struct place {
  std::int64_t id = 0;
  std::int64_t started_at = 0;
  std::string conversation;
  std::string response_id;
};

constexpr std::string_view by_key =
    "SELECT id, started_at, conversation, response_id FROM exchanges WHERE row_key = ?1";
constexpr std::string_view by_response =
    "SELECT id, started_at, conversation, response_id FROM exchanges WHERE response_id = ?1 AND response_id <> '' "
    "AND host = ?2";

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

void place_duplicate(sqlite_connection& connection, rollups& sums, const usage_record& record) {
  if (record.conversation.empty()) return;
  const auto row = find(connection, by_response, record.response_id, record.host);
  if (row && row->conversation.empty()) move(connection, sums, *row, placement_of(record));
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
