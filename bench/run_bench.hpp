#pragma once

// `run`: how much longer `zerogravity run -- true` takes than plain `true`, measured in turns, and where a run spends
// its time. Any user may run it. Without network namespaces it measures only the proxy, and says so on standard error.

#include <chrono>
#include <string>

#include "bench/common/comparison.hpp"
#include "bench/common/turns.hpp"

namespace bench {

struct run_options {
  std::string zerogravity;  // the program
  turns how{.rounds = 10};
  std::chrono::milliseconds time{200};  // length of one measurement
};

/// Throws std::runtime_error.
comparison measure_run(const run_options& options);

}  // namespace bench
