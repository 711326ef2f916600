#pragma once

// `intercept`: what it costs to be intercepted. TLS client → redirect → interceptor → TLS origin, against no
// interceptor at all, against the bare two-leg copy (floor.hpp) and against whatever else is given, in turns within one
// run.

#include <chrono>

#include "bench/common/comparison.hpp"
#include "bench/common/turns.hpp"
#include "bench/intercept/stage.hpp"

namespace bench {

struct intercept_options {
  stage_options stage;
  turns how;
  std::chrono::milliseconds time{700};  // that one measurement takes
};

/// Throws std::runtime_error. Needs root.
comparison measure_intercept(const intercept_options& options);

}  // namespace bench
