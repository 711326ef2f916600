#pragma once

// One bounded step of retention, in a transaction of its own. Driven by ledger::apply_retention.

#include <cstdint>

#include "usage/ledger/ledger.hpp"
#include "usage/ledger/sqlite.hpp"

namespace usage {

/// Rows deleted and pages freed in one step. Few, so that rows that wait to be inserted do not wait long.
inline constexpr std::int64_t retention_batch_rows = 2000;
inline constexpr std::int64_t retention_batch_pages = 1024;

std::int64_t file_bytes(sqlite_connection& connection);

retention_outcome retention_step(sqlite_connection& connection, const ledger_options& options, std::int64_t now);

}  // namespace usage
