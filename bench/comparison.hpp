#pragma once

// Figures of several contestants side by side, gathered over rounds in which each of them had its turn: the median of
// the rounds, and how far the rounds were apart.

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "bench/histogram.hpp"

namespace bench {

class comparison {
 public:
  /// In the order in which they are to be shown.
  explicit comparison(std::vector<std::string> contestants) : contestants_(std::move(contestants)) {}

  /// One value of one round.
  void add(const std::string& measure, const std::string& unit, const std::string& contestant, double value);
  /// All values of one round, in nanoseconds. Shown as p50 and p99.
  void add(const std::string& measure, const std::string& contestant, const histogram& values);

  struct row {
    std::string measure;
    std::string unit;
    std::map<std::string, std::vector<double>> rounds;   // by contestant
    double median(const std::string& contestant) const;  // NaN without a value
    /// (largest − smallest) / median over the rounds, of the contestant with the most of it.
    double noise() const;
  };

  const std::vector<std::string>& contestants() const { return contestants_; }
  const std::vector<row>& rows() const { return rows_; }
  const std::map<std::string, std::map<std::string, histogram>>& distributions() const { return distributions_; }

 private:
  std::vector<std::string> contestants_;
  std::vector<row> rows_;
  std::map<std::string, std::map<std::string, histogram>> distributions_;  // by measure, by contestant
};

/// Each row with every contestant's value and its ratio to that of `yardstick`.
void print(const comparison& of, const std::string& yardstick, std::FILE* to);
boost::json::object to_json(const comparison& of);

}  // namespace bench
