#pragma once

// The ledger's tables and how a file becomes a ledger. PRAGMA application_id says that a file is ours, user_version
// which of the migrations it has seen. Driven by ledger and ledger_reader when they open a file.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "usage/ledger/sqlite.hpp"

namespace usage {

/// In the file's header.
inline constexpr std::int64_t ledger_application_id = 0x7a67756c;  // "zgul"

inline constexpr std::int64_t hour_ms = 3'600'000;
inline constexpr std::int64_t hours_of_day = 24;  // of UTC

/// The columns that roll-ups sum, in the view `booked` and in the roll-up tables; first_at and last_at follow them.
inline constexpr std::array<std::string_view, 24> summed{"requests",
                                                         "other_requests",
                                                         "input_uncached",
                                                         "cache_read",
                                                         "cache_write",
                                                         "output_total",
                                                         "thinking",
                                                         "errors",
                                                         "interrupted",
                                                         "unreported",
                                                         "retries",
                                                         "input_unreported",
                                                         "cache_read_unreported",
                                                         "cache_write_unreported",
                                                         "output_unreported",
                                                         "thinking_unreported",
                                                         "inconsistent",
                                                         "cache_write_1h",
                                                         "audio_input",
                                                         "image_input",
                                                         "audio_output",
                                                         "image_output",
                                                         "web_searches",
                                                         "provider_cost"};

/// Throws unless the file is a ledger of a version known here, or (false) still empty. Writes nothing.
bool check_identity(sqlite_connection& connection);

/// The version that migrate() leads to.
std::int64_t newest_version();

/// Creates or migrates the tables in one transaction. An earlier version than the newest: to compare with.
void migrate(sqlite_connection& connection, std::int64_t to = newest_version());

/// Whether the sums of days and of all time can be those of the hours; false where others have written to the file.
/// Quick.
bool sums_fit(sqlite_connection& connection);

/// The tables of such sums that are not those of the hours, compared one by one. Slow.
std::vector<std::string> unlike_hours(sqlite_connection& connection);

/// Makes them those of the hours, within the caller's transaction.
void sum_up_hours(sqlite_connection& connection);

/// Unix ms, on the hour: single rows before it are gone or going, and no report counts them any more.
std::int64_t rows_from(sqlite_connection& connection);
void set_rows_from(sqlite_connection& connection, std::int64_t at);

}  // namespace usage
