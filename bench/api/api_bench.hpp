#pragma once

// `api`: what it costs to reach the language server over the service's OpenAI API. It compares OpenAI client → service
// → language server simulator with the same calls directly over gRPC, in turns within one run. One simulator pushes,
// another must be polled.

#include <chrono>
#include <vector>

#include "bench/api/stage.hpp"
#include "bench/common/comparison.hpp"
#include "bench/common/turns.hpp"

namespace bench {

struct api_options {
  api::stage_options programs;
  std::vector<unsigned> streams{1, 64, 1000};
  turns how;
  std::chrono::milliseconds time{1000};  // length of one measurement
};

/// Throws std::runtime_error.
comparison measure_api(const api_options& options);

}  // namespace bench
