#pragma once

// A comparison as one HTML page that needs nothing else: the table, and a drawing of each distribution by percentile.

#include <string>

#include "bench/common/comparison.hpp"

namespace bench {

/// `title`: what was measured. `told`: how and where it was measured, a sentence or two. Ratios are to `yardstick`.
std::string page_of(const std::string& title, const comparison& of, const std::string& yardstick,
                    const std::string& told);

}  // namespace bench
