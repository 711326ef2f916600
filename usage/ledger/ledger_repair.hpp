#pragma once

// `zerogravity ledger repair`: builds a new ledger from everything that can be read from a damaged one, and renames the
// damaged file. It also adds the rows that were meanwhile written to a separate file.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "usage/ledger/ledger.hpp"

namespace usage {

struct repair_report {
  std::vector<std::string> faults;  // what was wrong; empty: nothing was
  std::filesystem::path put_aside;  // the damaged file's new name; empty: nothing was rebuilt
  std::int64_t rows = 0;            // in the new file
  std::int64_t from_pages = 0;      // of these, found in pages that SQLite could not reach
  std::int64_t came_over = 0;       // rows of the separate file
  std::vector<std::string> remarks;
};

/// `stamp` is the end of the damaged file's new name. Errors: a service has the file open, it is not a ledger, or the
/// disk has no room. Then nothing was changed.
ledger_result<repair_report> repair_ledger(const ledger_options& options, const std::string& stamp);

}  // namespace usage
