#pragma once

// Checks everything that can be wrong with a ledger's file, for `zerogravity ledger check`. It changes nothing, and a
// service may have the file open meanwhile.

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "usage/ledger/ledger.hpp"

namespace usage {

struct ledger_findings {
  std::vector<std::string> facts;   // what the file contains
  std::vector<std::string> faults;  // what is wrong; empty: nothing
  bool foreign = false;             // not a ledger, or written by a newer version, so no repair can help
};

/// Errors: the file does not exist, or cannot be read at all.
ledger_result<ledger_findings> check_ledger(const ledger_options& options);

/// Checks only the pages, until `go_on` returns false. For a service that has just started. Empty: no fault so far.
std::string first_page_fault(const std::filesystem::path& file, const std::function<bool()>& go_on);

}  // namespace usage
