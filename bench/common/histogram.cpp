#include "bench/common/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bench {
namespace {

constexpr unsigned step_bits = 7;
constexpr std::uint64_t steps = 1u << step_bits;  // per power of two

}  // namespace

// Below 2 · steps, each value has its own bucket. Above, the top 8 bits select the bucket.
std::size_t histogram::index_of(std::uint64_t value) {
  if (value < 2 * steps) return value;
  const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - (step_bits + 1);
  return shift * steps + (value >> shift);
}

std::uint64_t histogram::upper_of(std::size_t index) {
  if (index < 2 * steps) return index;
  const std::uint64_t shift = index / steps - 1;
  return ((index - shift * steps + 1) << shift) - 1;
}

void histogram::record(std::uint64_t value) {
  const std::size_t index = index_of(value);
  if (index >= counts_.size()) counts_.resize(index + 1);
  ++counts_[index];
  ++count_;
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

void histogram::add(const histogram& other) {
  counts_.resize(std::max(counts_.size(), other.counts_.size()));
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

std::uint64_t histogram::at(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted && seen != 0) return std::min(upper_of(i), max_);
  }
  return max_;
}

std::vector<histogram::bucket> histogram::buckets() const {
  std::vector<bucket> out;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) out.push_back({upper_of(i), counts_[i]});
  }
  return out;
}

}  // namespace bench
