#pragma once

// `crowd`: whether the load of API clients affects intercepted clients. It measures the time to first byte of requests
// on an open-loop schedule, without load and with each kind of load, in turns. It also measures a usage report by
// itself.

#include <chrono>
#include <cstddef>

#include "bench/common/comparison.hpp"
#include "bench/common/turns.hpp"
#include "bench/intercept/stage.hpp"

namespace bench {

struct crowd_options {
  stage_options stage;
  turns how;
  std::chrono::milliseconds time{2000};  // length of one measurement
  std::size_t rows = 300'000;            // in the ledger
};

/// Throws std::runtime_error. Needs root.
comparison measure_crowd(const crowd_options& options);

}  // namespace bench
