#pragma once

// `serve`: how long the service takes from its start to the ready line, and how much memory it then has, without a
// language server and without traffic.

#include <string>

#include "bench/common/findings.hpp"

namespace bench {

struct serve_options {
  std::string zerogravity;  // the program
  unsigned starts = 10;
};

/// Throws std::runtime_error.
findings measure_serve(const serve_options& options);

}  // namespace bench
