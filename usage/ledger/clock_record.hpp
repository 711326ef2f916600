#pragma once

// Stores the memory of the believable clock in the ledger's watermarks. Driven by ledger::look_at_clock.

#include <optional>

#include "usage/ledger/clock/believable_clock.hpp"
#include "usage/ledger/sqlite.hpp"

namespace usage {

std::optional<clock_memory> recall_clock(sqlite_connection& connection);
void remember_clock(sqlite_connection& connection, const clock_memory& memory);

}  // namespace usage
