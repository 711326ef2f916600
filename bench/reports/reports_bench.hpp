#pragma once

// `reports`: how long the reports of /v1/usage take on a large ledger, for each range of time and each group.

#include <filesystem>

#include "bench/common/findings.hpp"
#include "bench/reports/grown_ledger.hpp"

namespace bench {

struct reports_options {
  grown_ledger ledger{.rows = 1'000'000};
  std::filesystem::path file;  // created if missing, and kept; empty: created, and deleted afterwards
};

/// Throws std::runtime_error.
findings measure_reports(const reports_options& options);

}  // namespace bench
