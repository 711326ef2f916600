#pragma once

// Makes a whole ledger of what can be read of a damaged one, and puts the damaged file aside by name. Rows that were
// written beside it meanwhile come over. What `zerogravity ledger repair` does.

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
  std::int64_t from_pages = 0;      // of these, found in pages that nothing led to
  std::int64_t came_over = 0;       // of the file beside it
  std::vector<std::string> remarks;
};

/// `stamp` ends the name of what is put aside. Errors: a service has it open, it is no ledger, there is no room. Then
/// everything is as it was.
ledger_result<repair_report> repair_ledger(const ledger_options& options, const std::string& stamp);

}  // namespace usage
