#pragma once

// Measures the CPU time that a target uses between two moments.

#include "bench/intercept/stage.hpp"

namespace bench {

class cpu_window {
 public:
  explicit cpu_window(const target& of) : process_(of.process), before_(now()) {}

  /// CPU microseconds since the beginning.
  double used() const { return static_cast<double>(now() - before_) / 1000.0; }

 private:
  std::uint64_t now() const { return process_ == 0 ? 0 : cost_of_group(process_).cpu_ns; }

  pid_t process_;
  std::uint64_t before_;
};

}  // namespace bench
