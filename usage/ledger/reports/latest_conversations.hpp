#pragma once

// Finds the conversations that a report on a range of time lists. There may be very many, and only those used last are
// listed. The search starts at the end of the range, so that only their sums are read.

#include <string>
#include <unordered_set>
#include <vector>

#include "usage/ledger/reports/time_slices.hpp"
#include "usage/ledger/sqlite.hpp"

namespace usage {

struct latest_conversations {
  std::vector<std::string> all;              // the latest max_report_groups of the range, and a few more
  std::unordered_set<std::string> at_edges;  // with rows outside the whole hours of the range
};

/// `to_the_end`: nothing is later than the range, and the sums of all time are reliable.
latest_conversations find_latest_conversations(sqlite_connection& connection, const time_slices& at, bool to_the_end);

}  // namespace usage
