#pragma once

// `push`, `diffs` and `cascades`: what it costs to follow a language server. Each returns its findings, and throws
// std::runtime_error if it cannot measure.

#include <chrono>
#include <cstddef>
#include <vector>

#include "bench/common/findings.hpp"

namespace bench {

/// The time from the server's Write to our resumed coroutine, and how much is buffered if the reader stops.
struct push_options {
  std::vector<unsigned> streams{1, 20, 200};
  unsigned events_per_second = 1000;  // of all streams together
  std::chrono::milliseconds time{3000};
  unsigned threads = 2;
};
findings measure_push(const push_options& options);

/// One turn with very many small diffs. The cost of a diff must not grow with the number of earlier ones.
struct diffs_options {
  unsigned diffs = 100'000;
};
findings measure_diffs(const diffs_options& options);

/// Many cascades at once, each with a long transcript. Measures their memory.
struct cascades_options {
  unsigned cascades = 1000;
  std::size_t transcript_bytes = 1'000'000;
  unsigned records = 20;  // that each gets after its snapshot
  unsigned threads = 2;
};
findings measure_cascades(const cascades_options& options);

}  // namespace bench
