#include "bench/common/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <spdlog/fmt/fmt.h>
#include <boost/json/array.hpp>

#include "bench/common/findings.hpp"

namespace bench {
namespace {

double median_of(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

boost::json::object target_of(const comparison::row& row) {
  boost::json::object out{{"contestant", row.target->contestant}, {"most", row.target->most}};
  if (!row.target->of.empty()) out["times"] = row.target->of;
  if (const auto how = row.reached()) out["reached"] = *how;
  return out;
}

std::string cell(double value, double yardstick) {
  if (std::isnan(value)) return fmt::format("{:>19}", "-");
  if (std::isnan(yardstick) || yardstick == 0) return fmt::format("{:>10.4g}{:>9}", value, "");
  return fmt::format("{:>10.4g} ({:>4.2f}x)", value, value / yardstick);
}

}  // namespace

void comparison::add(const std::string& measure, const std::string& unit, const std::string& contestant, double value) {
  if (!std::isfinite(value)) return;
  row* found = find(measure);
  if (found == nullptr) found = &rows_.emplace_back(row{.measure = measure, .unit = unit, .rounds = {}});
  found->rounds[contestant].push_back(value);
}

void comparison::add(const std::string& measure, const std::string& contestant, const histogram& values) {
  if (values.count() == 0) return;
  add(measure + ", p50", "us", contestant, microseconds_of(values.at(.5)));
  add(measure + ", p99", "us", contestant, microseconds_of(values.at(.99)));
  distributions_[measure][contestant].add(values);
}

void comparison::add_difference(const std::string& name, const std::string& measure, const std::string& contestant,
                                const std::string& other) {
  row* found = find(measure);
  if (found == nullptr) return;
  const std::string unit = found->unit;
  // Copies, because a row is added below. A contestant that was left out has no rounds, and must not get any here.
  const auto rounds_of = [found](const std::string& who) {
    const auto at = found->rounds.find(who);
    return at == found->rounds.end() ? std::vector<double>() : at->second;
  };
  const std::vector<double> values = rounds_of(contestant);
  const std::vector<double> others = rounds_of(other);
  for (std::size_t i = 0; i < std::min(values.size(), others.size()); ++i) {
    add(name, unit, contestant, values[i] - others[i]);
  }
}

void comparison::add_ratio(const std::string& name, const std::string& measure, const std::string& other) {
  const row* found = find(measure);
  const row* against = find(other);
  if (found == nullptr || against == nullptr) return;
  // Copies, because a row is added below.
  const auto values = found->rounds;
  const auto others = against->rounds;
  for (const auto& [contestant, rounds] : values) {
    const auto at = others.find(contestant);
    if (at == others.end()) continue;
    for (std::size_t i = 0; i < std::min(rounds.size(), at->second.size()); ++i) {
      add(name, "x", contestant, rounds[i] / at->second[i]);
    }
  }
}

void comparison::must_reach(const std::string& measure, goal what) {
  if (row* found = find(measure)) found->target = std::move(what);
}

comparison::row* comparison::find(const std::string& measure) {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const row& r) { return r.measure == measure; });
  return found == rows_.end() ? nullptr : &*found;
}

std::optional<bool> comparison::row::reached() const {
  if (!target) return std::nullopt;
  const double most = target->of.empty() ? target->most : target->most * median(target->of);
  const double value = median(target->contestant);
  if (std::isnan(most) || std::isnan(value)) return std::nullopt;
  return value <= most;
}

std::string comparison::row::target_text() const {
  if (!target) return {};
  const auto how = reached();
  return fmt::format("<= {:g} {}{}", target->most, target->of.empty() ? unit : "x " + target->of,
                     !how   ? ""
                     : *how ? ", reached"
                            : ", MISSED");
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
  fmt::print(to, "{:<66}{:<5}", "median of the rounds (ratio to " + yardstick + ")", "unit");
  for (const auto& name : of.contestants()) fmt::print(to, "{:>19}", name);
  fmt::print(to, "{:>9}  must reach\n", "noise");
  for (const auto& row : of.rows()) {
    fmt::print(to, "{:<66}{:<5}", row.measure, row.unit);
    for (const auto& name : of.contestants()) fmt::print(to, "{}", cell(row.median(name), row.median(yardstick)));
    fmt::print(to, "{:>8.0f}%  {}\n", 100 * row.noise(), row.target_text());
  }
}

boost::json::object to_json(const comparison& of) {
  boost::json::array rows;
  for (const auto& row : of.rows()) {
    boost::json::object values;
    for (const auto& [name, rounds] : row.rounds) {
      values[name] = {{"median", row.median(name)}, {"rounds", boost::json::array(rounds.begin(), rounds.end())}};
    }
    boost::json::object told{
        {"measure", row.measure}, {"unit", row.unit}, {"noise", row.noise()}, {"values", std::move(values)}};
    if (row.target) told["target"] = target_of(row);
    rows.push_back(std::move(told));
  }
  boost::json::array contestants;
  for (const auto& name : of.contestants()) contestants.push_back(boost::json::string(name));
  boost::json::array distributions;
  for (const auto& [measure, by_contestant] : of.distributions()) {
    for (const auto& [name, values] : by_contestant) {
      auto told = to_json(values);
      told["measure"] = measure;
      told["contestant"] = name;
      distributions.push_back(std::move(told));
    }
  }
  return {
      {"contestants", std::move(contestants)}, {"rows", std::move(rows)}, {"distributions", std::move(distributions)}};
}

}  // namespace bench
