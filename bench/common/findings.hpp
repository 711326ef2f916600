#pragma once

// The results of a bench: figures with their units, and distributions. The same value is shown as lines on a terminal,
// as JSON and on the page.

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "bench/common/histogram.hpp"

namespace bench {

inline double microseconds_of(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000.0;
}

struct figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<double> most = {};  // what it must not exceed
};

/// Of durations in nanoseconds.
struct distribution {
  std::string name;
  histogram values;
};

struct findings {
  std::string bench;
  std::vector<figure> figures;
  std::vector<distribution> distributions;
  std::vector<std::string> notes;  // how it was measured, if the figures do not show it

  void add(std::string name, double value, std::string unit, std::optional<double> most = {}) {
    figures.push_back({std::move(name), value, std::move(unit), most});
  }
  void add(std::string name, histogram values) { distributions.push_back({std::move(name), std::move(values)}); }
};

void print(const findings& of, std::FILE* to);
boost::json::object to_json(const findings& of);
/// Of durations in nanoseconds: percentiles and all buckets, in microseconds.
boost::json::object to_json(const histogram& of);

}  // namespace bench
