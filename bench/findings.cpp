#include "bench/findings.hpp"

#include <spdlog/fmt/fmt.h>
#include <boost/json/array.hpp>

namespace bench {
namespace {

double microseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000.0;
}

std::string line(const distribution& of) {
  const histogram& h = of.values;
  return fmt::format("{:<52} p50 {:>9.1f}  p90 {:>9.1f}  p99 {:>9.1f}  p99.9 {:>9.1f}  max {:>9.1f} us  ({} values)",
                     of.name, microseconds(h.at(.5)), microseconds(h.at(.9)), microseconds(h.at(.99)),
                     microseconds(h.at(.999)), microseconds(h.max()), h.count());
}

boost::json::object to_json(const distribution& of) {
  const histogram& h = of.values;
  boost::json::array buckets;
  for (const auto& bucket : h.buckets()) {
    buckets.push_back(boost::json::array{microseconds(bucket.upper), bucket.count});
  }
  return {{"name", of.name},
          {"unit", "us"},
          {"count", h.count()},
          {"mean", h.mean() / 1000.0},
          {"p50", microseconds(h.at(.5))},
          {"p90", microseconds(h.at(.9))},
          {"p99", microseconds(h.at(.99))},
          {"p999", microseconds(h.at(.999))},
          {"max", microseconds(h.max())},
          {"buckets", std::move(buckets)}};
}

}  // namespace

void print(const findings& of, std::FILE* to) {
  fmt::print(to, "{}\n", of.bench);
  for (const auto& f : of.figures) fmt::print(to, "  {:<52} {:>12.6g} {}\n", f.name, f.value, f.unit);
  for (const auto& d : of.distributions) fmt::print(to, "  {}\n", line(d));
  for (const auto& note : of.notes) fmt::print(to, "  {}\n", note);
}

boost::json::object to_json(const findings& of) {
  boost::json::array figures;
  for (const auto& f : of.figures) {
    figures.push_back(boost::json::object{{"name", f.name}, {"value", f.value}, {"unit", f.unit}});
  }
  boost::json::array distributions;
  for (const auto& d : of.distributions) distributions.push_back(to_json(d));
  boost::json::array notes;
  for (const auto& note : of.notes) notes.push_back(boost::json::string(note));
  return {{"bench", of.bench},
          {"figures", std::move(figures)},
          {"distributions", std::move(distributions)},
          {"notes", std::move(notes)}};
}

}  // namespace bench
