#pragma once

// Shows a comparison as one self-contained HTML page: the table, and a chart of each distribution by percentile.

#include <string>

#include "bench/common/comparison.hpp"

namespace bench {

/// `title`: what was measured. `told`: how and where it was measured, in one or two sentences. Ratios are to
/// `yardstick`.
std::string page_of(const std::string& title, const comparison& of, const std::string& yardstick,
                    const std::string& told);

}  // namespace bench
