#pragma once

// A histogram of fixed buckets that any thread may record into without a lock. Values are whole units (tokens,
// milliseconds); the rendering divides by `per_unit`.

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "app/metrics/exposition.hpp"

namespace app {

/// Upper bounds, rising, inclusive. `bounds` has static lifetime.
struct histogram_shape {
  std::span<const std::uint64_t> bounds;
  double per_unit = 1;  // 1000 renders milliseconds as seconds
};

/// OpenTelemetry's advice for gen_ai.client.token.usage and gen_ai.client.operation.duration; the first token may take
/// minutes where a model thinks, so its buckets go on where the advice ends.
extern const histogram_shape token_shape;
extern const histogram_shape duration_shape;
extern const histogram_shape first_token_shape;

class histogram {
 public:
  explicit histogram(const histogram_shape& shape);

  void record(std::uint64_t value) noexcept;
  bool empty() const noexcept;
  /// _bucket, _sum and _count of one label set, consistent with one another.
  void render(exposition& out, metric_labels labels) const;

 private:
  const histogram_shape& shape_;
  std::vector<std::atomic<std::uint64_t>> buckets_;  // not cumulative; the last is +Inf
  std::atomic<std::uint64_t> sum_{0};
};

}  // namespace app
