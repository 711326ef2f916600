#pragma once

// Traffic that was not read, as rows of the table `unread`. Called in the transaction of the batch.

#include <cstdint>
#include <optional>
#include <vector>

#include "usage/ledger/sqlite.hpp"
#include "usage/ledger/usage_totals.hpp"
#include "usage/unread_note.hpp"

namespace usage {

/// Adds to the entry of the same host, path and reason, or makes one.
void write_unread(sqlite_connection& connection, const unread_note& note);

/// Entries of which some part may lie in `range`, the latest first.
std::vector<unread_note> read_unread(sqlite_connection& connection, const time_range& range);

/// Deletes entries that were last added to before `boundary` (Unix ms).
void forget_unread(sqlite_connection& connection, std::int64_t boundary);

/// Unix ms of the last addition to the entry that is oldest by it; nothing if there is none.
std::optional<std::int64_t> oldest_unread(sqlite_connection& connection);

/// Moves what `from` holds: there it is gone.
void move_unread(sqlite_connection& from, sqlite_connection& to);

}  // namespace usage
