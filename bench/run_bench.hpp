#pragma once

// `run`: what `zerogravity run -- true` takes beyond plain `true`, in turns, and where in a run the time goes. As any
// user; where network namespaces cannot be had, only its proxy is measured, and standard error says so.

#include <chrono>
#include <string>

#include "bench/common/comparison.hpp"
#include "bench/common/turns.hpp"

namespace bench {

struct run_options {
  std::string zerogravity;  // the program
  turns how{.rounds = 10};
  std::chrono::milliseconds time{200};  // that one measurement takes
};

/// Throws std::runtime_error.
comparison measure_run(const run_options& options);

}  // namespace bench
