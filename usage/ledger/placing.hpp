#pragma once

// Moves booked rows to another conversation, together with their roll-ups. Called in the transaction of the batch.

#include <cstdint>
#include <string>

#include "usage/ledger/rollups.hpp"
#include "usage/ledger/sqlite.hpp"
#include "usage/placement.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// False: the row does not exist, or is already placed there.
bool place_row(sqlite_connection& connection, rollups& sums, const placement& where);

/// For another row of a booked response: sets the booked row's conversation, if it has none.
void place_duplicate(sqlite_connection& connection, rollups& sums, const usage_record& record);

/// Returns the conversation of the response that `record` continues, as far back as the ledger knows it. If that
/// response has no conversation, it gets one, too.
std::string chained_conversation(sqlite_connection& connection, rollups& sums, const usage_record& record);

}  // namespace usage
