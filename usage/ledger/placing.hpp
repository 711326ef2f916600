#pragma once

// Moves rows that are booked already, and the roll-ups with them. Called in the transaction of the batch.

#include <cstdint>
#include <string>

#include "usage/ledger/rollups.hpp"
#include "usage/ledger/sqlite.hpp"
#include "usage/placement.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// False: the row is not there, or is placed so already.
bool place_row(sqlite_connection& connection, rollups& sums, const placement& where);

/// A further row of a booked response: its conversation, if the booked row has none.
void place_duplicate(sqlite_connection& connection, rollups& sums, const usage_record& record);

/// `record` says which answer it continues: the conversation of that answer, as far back as the ledger knows it. The
/// answer gets a conversation, too, if it has none.
std::string chained_conversation(sqlite_connection& connection, rollups& sums, const usage_record& record);

}  // namespace usage
