#pragma once

// Compares the figures of several contestants over rounds in which each had its turn: the median of the rounds, their
// spread, and the targets that must be reached.

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "bench/common/histogram.hpp"

namespace bench {

/// The limit of a contestant's median.
struct goal {
  std::string contestant;
  double most = 0;      // in the measure's unit, or times the median of `of`
  std::string of = {};  // another contestant; empty: none
};

class comparison {
 public:
  /// In the order in which they are shown.
  explicit comparison(std::vector<std::string> contestants) : contestants_(std::move(contestants)) {}

  /// One value of one round. NaN and infinity, which result from a division by zero, are ignored.
  void add(const std::string& measure, const std::string& unit, const std::string& contestant, double value);
  /// All values of one round, in nanoseconds. Shown as p50 and p99.
  void add(const std::string& measure, const std::string& contestant, const histogram& values);

  /// Adds a measure `name`: the difference between `contestant` and `other` in `measure`, round by round.
  void add_difference(const std::string& name, const std::string& measure, const std::string& contestant,
                      const std::string& other);
  /// Adds a measure `name`: `measure` divided by `other`, round by round, for every contestant that has both.
  void add_ratio(const std::string& name, const std::string& measure, const std::string& other);
  /// Where there is such a measure.
  void must_reach(const std::string& measure, goal what);

  struct row {
    std::string measure;
    std::string unit;
    std::optional<goal> target = {};
    std::map<std::string, std::vector<double>> rounds;   // by contestant
    double median(const std::string& contestant) const;  // NaN without a value
    /// (largest − smallest) / median over the rounds, for the contestant with the largest result.
    double noise() const;
    /// nullopt without a target, or without the value that it is compared to.
    std::optional<bool> reached() const;
    /// "<= 1.5 x floor, reached"; empty without a target.
    std::string target_text() const;
  };

  const std::vector<std::string>& contestants() const { return contestants_; }
  const std::vector<row>& rows() const { return rows_; }
  const std::map<std::string, std::map<std::string, histogram>>& distributions() const { return distributions_; }

 private:
  row* find(const std::string& measure);

  std::vector<std::string> contestants_;
  std::vector<row> rows_;
  std::map<std::string, std::map<std::string, histogram>> distributions_;  // by measure, by contestant
};

/// Each row has every contestant's value, and its ratio to the value of `yardstick`.
void print(const comparison& of, const std::string& yardstick, std::FILE* to);
boost::json::object to_json(const comparison& of);

}  // namespace bench
