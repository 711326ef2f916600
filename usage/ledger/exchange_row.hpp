#pragma once

// A usage_record as a row of the table `exchanges`.

#include <string>

#include "usage/ledger/sqlite.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// False if the response is already booked. Then nothing is written.
bool insert_exchange(sqlite_connection& connection, const usage_record& record);

/// Sets the usage of the booked row of the same response to that of `record`.
void complete_exchange(sqlite_connection& connection, const usage_record& record);

/// "SELECT <columns> FROM exchanges", to which the caller adds conditions. read_exchange reads its rows.
const std::string& select_exchanges();
usage_record read_exchange(sqlite_statement& row);

}  // namespace usage
