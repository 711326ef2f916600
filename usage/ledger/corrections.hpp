#pragma once

// Rows that are booked anew because their usage object reads otherwise today. What was booked before is kept in the
// table `corrections`, to which rows are only added; they go with the row. Called in the transaction of the batch.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "usage/ledger/ledger.hpp"
#include "usage/ledger/rollups.hpp"
#include "usage/ledger/sqlite.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// `row` as it is booked if it is read today, up to max_booked_tokens; nullopt: nothing differs, or the row has no
/// usage object. A row that reported no usage and now does is complete.
std::optional<usage_record> booked_anew(const usage_record& row);

/// False: the row is booked as it is read, or it is not there.
bool correct_row(sqlite_connection& connection, rollups& sums, const correction& asked);

/// Nothing happens if the ledger has no such row. The mark moves back only to another version of the dialects.
void mark_verified(sqlite_connection& connection, const verified_rows& rows);

/// The id up to which rows are verified by today's dialects; 0: none are.
std::int64_t verified_to(sqlite_connection& connection);

/// Sets corrected_at of those that were corrected, to the last time.
void tell_corrections(sqlite_connection& connection, std::span<usage_record> rows);

/// Call it before the `limit` oldest rows before `boundary` (Unix ms) are deleted.
void forget_corrections(sqlite_connection& connection, std::int64_t boundary, std::int64_t limit);

/// Copies what `from` holds to the same rows of `to`, which may have other ids there. Rows without a row_key have none.
void copy_corrections(sqlite_connection& from, sqlite_connection& to);

}  // namespace usage
