#pragma once

// A usage_record as a row of the table `exchanges`.

#include <string>

#include "usage/ledger/sqlite.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// False, and nothing is written, if the response is booked already.
bool insert_exchange(sqlite_connection& connection, const usage_record& record);

/// Gives the booked row of the same response the usage of `record`.
void complete_exchange(sqlite_connection& connection, const usage_record& record);

/// "SELECT <columns> FROM exchanges", to be continued; read_exchange reads its rows.
const std::string& select_exchanges();
usage_record read_exchange(sqlite_statement& row);

}  // namespace usage
