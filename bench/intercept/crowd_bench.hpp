#pragma once

// `crowd`: whether what clients of the API do reaches who is intercepted. The time to first byte of requests on an
// open-loop schedule, quiet and with each kind of load, in turns; and a report on usage by itself.

#include <chrono>
#include <cstddef>

#include "bench/common/comparison.hpp"
#include "bench/common/turns.hpp"
#include "bench/intercept/stage.hpp"

namespace bench {

struct crowd_options {
  stage_options stage;
  turns how;
  std::chrono::milliseconds time{2000};  // that one measurement takes
  std::size_t rows = 300'000;            // of the ledger
};

/// Throws std::runtime_error. Needs root.
comparison measure_crowd(const crowd_options& options);

}  // namespace bench
