#include "bench/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <spdlog/fmt/fmt.h>
#include <boost/json/array.hpp>

namespace bench {
namespace {

double median_of(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double microseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000.0;
}

std::string cell(double value, double yardstick) {
  if (std::isnan(value)) return fmt::format("{:>19}", "-");
  if (std::isnan(yardstick) || yardstick == 0) return fmt::format("{:>10.4g}{:>9}", value, "");
  return fmt::format("{:>10.4g} ({:>4.2f}x)", value, value / yardstick);
}

}  // namespace

void comparison::add(const std::string& measure, const std::string& unit, const std::string& contestant, double value) {
  auto found = std::find_if(rows_.begin(), rows_.end(), [&](const row& r) { return r.measure == measure; });
  if (found == rows_.end()) found = rows_.insert(rows_.end(), row{measure, unit, {}});
  found->rounds[contestant].push_back(value);
}

void comparison::add(const std::string& measure, const std::string& contestant, const histogram& values) {
  if (values.count() == 0) return;
  add(measure + ", p50", "us", contestant, microseconds(values.at(.5)));
  add(measure + ", p99", "us", contestant, microseconds(values.at(.99)));
  distributions_[measure][contestant].add(values);
}

double comparison::row::median(const std::string& contestant) const {
  const auto found = rounds.find(contestant);
  return median_of(found == rounds.end() ? std::vector<double>() : found->second);
}

double comparison::row::noise() const {
  double worst = 0;
  for (const auto& [contestant, values] : rounds) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const double middle = median_of(values);
    if (middle != 0) worst = std::max(worst, (*most - *least) / std::abs(middle));
  }
  return worst;
}

void print(const comparison& of, const std::string& yardstick, std::FILE* to) {
  fmt::print(to, "{:<58}{:<5}", "median of the rounds (ratio to " + yardstick + ")", "unit");
  for (const auto& name : of.contestants()) fmt::print(to, "{:>19}", name);
  fmt::print(to, "{:>9}\n", "noise");
  for (const auto& row : of.rows()) {
    fmt::print(to, "{:<58}{:<5}", row.measure, row.unit);
    for (const auto& name : of.contestants()) fmt::print(to, "{}", cell(row.median(name), row.median(yardstick)));
    fmt::print(to, "{:>8.0f}%\n", 100 * row.noise());
  }
}

boost::json::object to_json(const comparison& of) {
  boost::json::array rows;
  for (const auto& row : of.rows()) {
    boost::json::object values;
    for (const auto& [name, rounds] : row.rounds) {
      values[name] = {{"median", row.median(name)}, {"rounds", boost::json::array(rounds.begin(), rounds.end())}};
    }
    rows.push_back(boost::json::object{
        {"measure", row.measure}, {"unit", row.unit}, {"noise", row.noise()}, {"values", std::move(values)}});
  }
  boost::json::array contestants;
  for (const auto& name : of.contestants()) contestants.push_back(boost::json::string(name));
  return {{"contestants", std::move(contestants)}, {"rows", std::move(rows)}};
}

}  // namespace bench
