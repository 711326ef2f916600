#pragma once

// Keeps the roll-ups equal to the sums of the rows. Called in the transaction that writes the row.

#include <cstdint>

#include "usage/ledger/sqlite.hpp"

namespace usage {

/// Adds (sign 1) or takes away (sign -1) what the row counts for.
void book(sqlite_connection& connection, std::int64_t id, int sign);

}  // namespace usage
