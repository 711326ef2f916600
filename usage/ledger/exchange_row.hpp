#pragma once

// A usage_record as a row of the table `exchanges`.

#include <array>
#include <iterator>
#include <string>
#include <string_view>

#include "usage/ledger/sqlite.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// The columns of token_counts, in their order.
inline constexpr std::array<std::string_view, std::size(token_counts)> token_columns{
    "input_uncached", "cache_read",  "cache_write", "output_total", "thinking",
    "cache_write_1h", "audio_input", "image_input", "audio_output", "image_output"};

/// False, and nothing is written, if a row of that row_key is there.
bool insert_exchange(sqlite_connection& connection, const usage_record& record);

/// Gives the row record.id the kind, the status, the served model and the usage of `record`.
void update_usage(sqlite_connection& connection, const usage_record& record);

/// "SELECT <columns> FROM exchanges", to which the caller adds conditions. read_exchange reads its rows.
const std::string& select_exchanges();
usage_record read_exchange(sqlite_statement& row);

}  // namespace usage
