#pragma once

// `intercept`: what it costs to be intercepted. TLS client → redirect → interceptor → TLS origin, against no
// interceptor at all, against the bare two-leg copy (floor.hpp) and against whatever else is given, in turns within one
// run.

#include <chrono>
#include <string>
#include <vector>

#include "bench/comparison.hpp"
#include "bench/intercept/stage.hpp"

namespace bench {

struct intercept_options {
  stage_options stage;
  unsigned rounds = 3;
  std::chrono::milliseconds time{700};  // that one measurement takes
  std::vector<std::string> only;        // measures whose names hold one of these; empty: all
  std::vector<std::string> without;     // targets left out
  bool progress = false;                // on standard error
};

/// Throws std::runtime_error. Needs root.
comparison measure_intercept(const intercept_options& options);

}  // namespace bench
