#pragma once

// Every value of a run, kept in buckets of less than 1 % width (the layout of HdrHistogram: 128 linear steps per power
// of two), so that percentiles are exact to that width however many values there were, and histograms of several
// threads or rounds can be added up.

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
  /// The value that `share` (0 … 1) of all values do not exceed; 0 of an empty histogram.
  std::uint64_t at(double share) const;

  struct bucket {
    std::uint64_t upper;  // largest value that falls into it
    std::uint64_t count;
  };
  /// Those that hold something, in order.
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
