#pragma once

// Limits of accounts, as rows of the tables `account_window` (the latest) and `account_window_change` (each that told
// something new). Writing is called in the transaction of the batch.

#include <cstdint>
#include <optional>

#include "usage/ledger/sqlite.hpp"
#include "usage/limits/account_window.hpp"

namespace usage {

/// Makes it the latest of its account, host, model and name. If it tells nothing new, only the time and the reset are
/// kept of it. One that is older than the latest, as answers that overtake each other are, is passed over.
void write_window(sqlite_connection& connection, const account_window& told);

/// Those told last come first.
window_page read_windows(sqlite_connection& connection, const window_query& query);

/// The latest change comes first.
window_page read_window_changes(sqlite_connection& connection, const window_query& query);

/// Deletes at most `limit` changes before `boundary` (Unix ms), and all windows that were last told before it. Returns
/// how many changes.
std::int64_t forget_windows(sqlite_connection& connection, std::int64_t boundary, std::int64_t limit);

/// Unix ms of the oldest change or window; nothing if there is none.
std::optional<std::int64_t> oldest_window(sqlite_connection& connection);

/// Moves what `from` holds: there it is gone.
void move_windows(sqlite_connection& from, sqlite_connection& to);

}  // namespace usage
