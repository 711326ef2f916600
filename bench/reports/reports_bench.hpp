#pragma once

// `reports`: what /v1/usage reads of a large ledger, each range of time by each group, by itself.

#include <filesystem>

#include "bench/common/findings.hpp"
#include "bench/reports/grown_ledger.hpp"

namespace bench {

struct reports_options {
  grown_ledger ledger{.rows = 1'000'000};
  std::filesystem::path file;  // made if it is missing, and kept; empty: made, and gone afterwards
};

/// Throws std::runtime_error.
findings measure_reports(const reports_options& options);

}  // namespace bench
