#include "bench/common/findings.hpp"

#include <spdlog/fmt/fmt.h>
#include <boost/json/array.hpp>

namespace bench {
namespace {

std::string target_text(const figure& of) {
  if (!of.most) return {};
  return fmt::format("  (must be <= {:g}, {})", *of.most, of.value <= *of.most ? "reached" : "MISSED");
}

std::string line(const distribution& of) {
  const histogram& h = of.values;
  return fmt::format("{:<52} p50 {:>9.1f}  p90 {:>9.1f}  p99 {:>9.1f}  p99.9 {:>9.1f}  max {:>9.1f} us  ({} values)",
                     of.name, microseconds_of(h.at(.5)), microseconds_of(h.at(.9)), microseconds_of(h.at(.99)),
                     microseconds_of(h.at(.999)), microseconds_of(h.max()), h.count());
}

}  // namespace

void print(const findings& of, std::FILE* to) {
  fmt::print(to, "{}\n", of.bench);
  for (const auto& f : of.figures) {
    fmt::print(to, "  {:<52} {:>12.6g} {}{}\n", f.name, f.value, f.unit, target_text(f));
  }
  for (const auto& d : of.distributions) fmt::print(to, "  {}\n", line(d));
  for (const auto& note : of.notes) fmt::print(to, "  {}\n", note);
}

boost::json::object to_json(const histogram& of) {
  boost::json::array buckets;
  for (const auto& bucket : of.buckets()) {
    buckets.push_back(boost::json::array{microseconds_of(bucket.upper), bucket.count});
  }
  return {{"unit", "us"},
          {"count", of.count()},
          {"mean", of.mean() / 1000.0},
          {"p50", microseconds_of(of.at(.5))},
          {"p90", microseconds_of(of.at(.9))},
          {"p99", microseconds_of(of.at(.99))},
          {"p999", microseconds_of(of.at(.999))},
          {"max", microseconds_of(of.max())},
          {"buckets", std::move(buckets)}};
}

boost::json::object to_json(const findings& of) {
  boost::json::array figures;
  for (const auto& f : of.figures) {
    boost::json::object told{{"name", f.name}, {"value", f.value}, {"unit", f.unit}};
    if (f.most) told["most"] = *f.most;
    figures.push_back(std::move(told));
  }
  boost::json::array distributions;
  for (const auto& d : of.distributions) {
    auto told = to_json(d.values);
    told["name"] = d.name;
    distributions.push_back(std::move(told));
  }
  boost::json::array notes;
  for (const auto& note : of.notes) notes.push_back(boost::json::string(note));
  return {{"bench", of.bench},
          {"figures", std::move(figures)},
          {"distributions", std::move(distributions)},
          {"notes", std::move(notes)}};
}

}  // namespace bench
