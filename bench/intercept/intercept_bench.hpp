#pragma once

// `intercept`: what interception costs. It compares TLS client → redirect → interceptor → TLS origin with no
// interceptor, with a bare copy between two TLS connections (floor.hpp), and with any other given program, in turns
// within one run.

#include <chrono>

#include "bench/common/comparison.hpp"
#include "bench/common/turns.hpp"
#include "bench/intercept/stage.hpp"

namespace bench {

struct intercept_options {
  stage_options stage;
  turns how;
  std::chrono::milliseconds time{700};  // length of one measurement
};

/// Throws std::runtime_error. Needs root.
comparison measure_intercept(const intercept_options& options);

}  // namespace bench
