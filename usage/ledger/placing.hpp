#pragma once

// Moves booked rows to another conversation, together with their roll-ups. Called in the transaction of the batch.

#include <cstdint>
#include <optional>
#include <string>

#include "usage/ledger/rollups.hpp"
#include "usage/ledger/sqlite.hpp"
#include "usage/placement.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// False: the row does not exist, or is already placed there.
bool place_row(sqlite_connection& connection, rollups& sums, const placement& where);

/// What an answer that is fetched changes of the rows that are booked, by the rules of usage/fetched_answer.hpp. Made
/// before the row is inserted; of all other rows it changes nothing, after one look at an index.
class fetched_calls {
 public:
  /// `record` outlives it.
  fetched_calls(sqlite_connection& connection, const usage_record& record);
  fetched_calls(const fetched_calls&) = delete;
  fetched_calls& operator=(const fetched_calls&) = delete;

  /// The row as it is to be inserted.
  const usage_record& row() const { return *row_; }
  /// After it was inserted: changes the booked row of the same call.
  void join(rollups& sums) const;

 private:
  void find_call(const usage_record& fetch);
  void find_fetch(const usage_record& call);

  sqlite_connection& connection_;
  const usage_record* row_;  // the record, or changed_row_
  usage_record changed_row_;
  std::optional<usage_record> after_;  // the booked row as it shall be
  std::optional<usage_record> place_;  // where its conversation may come from
};

/// Returns the conversation of the response that `record` continues, as far back as the ledger knows it. If that
/// response has no conversation, it gets one, too.
std::string chained_conversation(sqlite_connection& connection, rollups& sums, const usage_record& record);

}  // namespace usage
