#pragma once

// One ledger's rows into another: what was written beside the ledger while it could not be, or what a file held whose
// name another file has now. Driven by ledger::take_over and the repair.

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "usage/ledger/ledger.hpp"
#include "usage/ledger/sqlite.hpp"

namespace usage {

/// Every page as it is, into a new file, synced.
void copy_database(sqlite_connection& from, const std::filesystem::path& file);

struct copied_rows {
  std::int64_t read = 0;
  bool whole = false;  // from its beginning to its end, without a failure
};

/// The columns that `table` of `from` and `into` both have, row by row; a row whose key is there is passed over. What
/// cannot be read from its beginning to its end is also read from its end.
copied_rows copy_table(sqlite_connection& from, sqlite_connection& to, const std::string& table,
                       const std::string& into);

/// What the language server tells, and what is not the sum of rows.
inline constexpr std::array copied_tables{"server_usage", "conversation_turns", "conversation_parents"};

struct merge_sides {
  sqlite_connection& to;
  const ledger_options& from;
};
using entry_sink = std::function<insert_outcome(std::span<const ledger_entry>)>;

/// Rows go through `write`, a thousand at a time. One that `to` has already is not written again, whatever it is known
/// by: its response, its row_key, or all of its times and sizes. Throws sqlite_failure.
insert_outcome merge_rows(merge_sides sides, const entry_sink& write);

}  // namespace usage
