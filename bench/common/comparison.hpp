#pragma once

// Figures of several contestants side by side, gathered over rounds in which each of them had its turn: the median of
// the rounds, how far the rounds were apart, and what one of them must reach.

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "bench/common/histogram.hpp"

namespace bench {

/// What a contestant's median must not exceed.
struct goal {
  std::string contestant;
  double most = 0;      // in the measure's unit, or times the median of `of`
  std::string of = {};  // another contestant; empty: none
};

class comparison {
 public:
  /// In the order in which they are to be shown.
  explicit comparison(std::vector<std::string> contestants) : contestants_(std::move(contestants)) {}

  /// One value of one round. What is per nothing (NaN, infinite) is no value and is left out.
  void add(const std::string& measure, const std::string& unit, const std::string& contestant, double value);
  /// All values of one round, in nanoseconds. Shown as p50 and p99.
  void add(const std::string& measure, const std::string& contestant, const histogram& values);

  /// A further measure `name`: what `contestant` has in `measure` beyond what `other` has, round by round.
  void add_difference(const std::string& name, const std::string& measure, const std::string& contestant,
                      const std::string& other);
  /// Where there is such a measure.
  void must_reach(const std::string& measure, goal what);

  struct row {
    std::string measure;
    std::string unit;
    std::optional<goal> target = {};
    std::map<std::string, std::vector<double>> rounds;   // by contestant
    double median(const std::string& contestant) const;  // NaN without a value
    /// (largest − smallest) / median over the rounds, of the contestant with the most of it.
    double noise() const;
    /// Nothing without a target, or without what it is compared to.
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

/// Each row with every contestant's value and its ratio to that of `yardstick`.
void print(const comparison& of, const std::string& yardstick, std::FILE* to);
boost::json::object to_json(const comparison& of);

}  // namespace bench
