#pragma once

// Keeps the roll-ups equal to the sums of the rows. Called in the transaction that writes the row.

#include <cstdint>
#include <string>

#include "usage/ledger/sqlite.hpp"

namespace usage {

/// Adds (sign 1) or takes away (sign -1) what the row counts for.
void book(sqlite_connection& connection, std::int64_t id, int sign);

/// After a row that began at `started_at` (Unix ms) has left the conversation: its first and last times of that hour
/// are those of the rows that stay, and an hour without any is gone.
void tighten(sqlite_connection& connection, const std::string& conversation, std::int64_t started_at);

}  // namespace usage
