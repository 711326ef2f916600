#pragma once

// Copies the rows of one ledger to another. The source is the separate file that was written while the ledger could not
// be, or a file whose name another file has now. Driven by ledger::take_over and the repair.

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "usage/ledger/ledger.hpp"
#include "usage/ledger/sqlite.hpp"

namespace usage {

/// Copies every page unchanged to a new file, and syncs it.
void copy_database(sqlite_connection& from, const std::filesystem::path& file);

struct copied_rows {
  std::int64_t read = 0;
  bool whole = false;  // read from beginning to end, without a failure
};

/// Copies, row by row, the columns that `table` has in both `from` and `into`. Rows whose key already exists are
/// skipped. If the table cannot be read from beginning to end, it is also read backwards from its end.
copied_rows copy_table(sqlite_connection& from, sqlite_connection& to, const std::string& table,
                       const std::string& into);

/// Copies what the language server has reported, and everything that is not a sum of rows.
inline constexpr std::array copied_tables{"server_usage", "conversation_turns", "conversation_parents"};

struct merge_sides {
  sqlite_connection& to;
  const ledger_options& from;
};
using entry_sink = std::function<insert_outcome(std::span<const ledger_entry>)>;

/// Rows go through `write`, a thousand at a time. One that `to` has already is not written again, whatever it is known
/// by: its row_key, or all of its times and sizes. Throws sqlite_failure.
insert_outcome merge_rows(merge_sides sides, const entry_sink& write);

}  // namespace usage
