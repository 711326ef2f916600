#pragma once

// Looks at everything that can be wrong with a ledger's file and changes nothing; a service may have it open meanwhile.
// What `zerogravity ledger check` prints.

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "usage/ledger/ledger.hpp"

namespace usage {

struct ledger_findings {
  std::vector<std::string> facts;   // what it holds
  std::vector<std::string> faults;  // what is wrong; empty: nothing
  bool foreign = false;             // it is no ledger, or of a newer version: nothing that a repair could mend
};

/// An error: there is no such file, or it cannot be read at all.
ledger_result<ledger_findings> check_ledger(const ledger_options& options);

/// The pages alone, until `go_on` says no: for a service that has just started. Empty: nothing was found so far.
std::string first_page_fault(const std::filesystem::path& file, const std::function<bool()>& go_on);

}  // namespace usage
