#pragma once

// Counts every value of a run in buckets that are less than 1 % wide (the layout of HdrHistogram: 128 linear steps per
// power of two). So percentiles are exact to that width for any number of values, and histograms of several threads or
// rounds can be added.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

class histogram {
 public:
  void record(std::uint64_t value);
  void add(const histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_); }
  /// The value that `share` (0 … 1) of all values do not exceed. 0 if the histogram is empty.
  std::uint64_t at(double share) const;

  struct bucket {
    std::uint64_t upper;  // largest value of the bucket
    std::uint64_t count;
  };
  /// The buckets that are not empty, in order.
  std::vector<bucket> buckets() const;

 private:
  static std::size_t index_of(std::uint64_t value);
  static std::uint64_t upper_of(std::size_t index);

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace bench
