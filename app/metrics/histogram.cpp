#include "app/metrics/histogram.hpp"

#include <algorithm>
#include <array>

namespace app {
namespace {

constexpr std::array<std::uint64_t, 14> token_bounds{1,     4,     16,     64,      256,     1024,     4096,
                                                     16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
constexpr std::array<std::uint64_t, 16> duration_bounds{10,   20,   40,    80,    160,   320,   640,    1280,
                                                        2560, 5120, 10240, 20480, 40960, 81920, 163840, 327680};
constexpr std::array<std::uint64_t, 19> first_token_bounds{1,   5,    10,   20,   40,   60,    80,    100,   250,   500,
                                                           750, 1000, 2500, 5000, 7500, 10000, 30000, 60000, 300000};

}  // namespace

const histogram_shape token_shape{token_bounds, 1};
const histogram_shape duration_shape{duration_bounds, 1000};
const histogram_shape first_token_shape{first_token_bounds, 1000};

histogram::histogram(const histogram_shape& shape) : shape_(shape), buckets_(shape.bounds.size() + 1) {}

void histogram::record(std::uint64_t value) noexcept {
  const auto bucket = std::ranges::lower_bound(shape_.bounds, value) - shape_.bounds.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

bool histogram::empty() const noexcept {
  return std::ranges::all_of(buckets_, [](const auto& bucket) { return bucket.load(std::memory_order_relaxed) == 0; });
}

void histogram::render(exposition& out, metric_labels labels) const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    total += buckets_[i].load(std::memory_order_relaxed);
    const bool last = i == shape_.bounds.size();
    const auto bound = last ? "+Inf" : metric_number(static_cast<double>(shape_.bounds[i]) / shape_.per_unit);
    out.sample(labels, {"le", bound}, total, "_bucket");
  }
  out.sample(labels, static_cast<double>(sum_.load(std::memory_order_relaxed)) / shape_.per_unit, "_sum");
  out.sample(labels, total, "_count");
}

}  // namespace app
