#include "bench/common/page.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <spdlog/fmt/fmt.h>

namespace bench {
namespace {

constexpr std::array colours{"#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e",
                             "#e6ab02", "#a6761d", "#666666", "#1f78b4"};
constexpr double width = 620;
constexpr double height = 260;
constexpr double margin = 60;

const char* colour(std::size_t of) {
  return colours[of % colours.size()];
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

/// On the horizontal axis, each further nine gets the same width: 0, 90, 99, 99.9 %.
double across(double share) {
  constexpr double nines = 3;
  return margin + std::min(-std::log10(1 - share), nines) / nines * width;
}

/// The vertical axis is logarithmic.
struct scale {
  double least = std::numeric_limits<double>::max();
  double most = 0;

  void take(double value) {
    if (value <= 0) return;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  double at(double value) const {
    const double span = std::max(std::log10(most / least), 1e-9);
    return height - std::log10(std::max(value, least) / least) / span * (height - 20);
  }
};

constexpr std::array shares{0.0,  0.1,  0.25, 0.5,   0.6,  0.7,   0.8,   0.85,  0.9,   0.93,
                            0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.998, 0.999};

std::string curve(const histogram& of, const scale& on, const char* stroke) {
  std::string points;
  for (const double share : shares) {
    points += fmt::format("{:.1f},{:.1f} ", across(share), on.at(microseconds_of(of.at(share))));
  }
  return fmt::format(R"(<polyline fill="none" stroke="{}" stroke-width="2" points="{}"/>)", stroke, points);
}

std::string axes(const scale& on) {
  std::string out;
  for (const auto& [share, name] :
       {std::pair{0.0, "0 %"}, {0.5, "50 %"}, {0.9, "90 %"}, {0.99, "99 %"}, {0.999, "99.9 %"}}) {
    out += fmt::format(R"(<line x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}" stroke="#ddd"/>)"
                       R"(<text x="{0:.1f}" y="{2}" text-anchor="middle">{3}</text>)",
                       across(share), height, height + 16, name);
  }
  for (double value = std::pow(10, std::floor(std::log10(on.least))); value <= on.most; value *= 10) {
    for (const double tick : {value, 2 * value, 5 * value}) {
      if (tick < on.least || tick > on.most) continue;
      out += fmt::format(R"(<line x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}" stroke="#ddd"/>)"
                         R"(<text x="{3}" y="{4:.1f}" text-anchor="end">{5:g} µs</text>)",
                         margin, margin + width, on.at(tick), margin - 6, on.at(tick) + 4, tick);
    }
  }
  return out;
}

std::string drawing(const comparison& of, const std::map<std::string, histogram>& by_contestant) {
  scale on;
  for (const auto& [name, values] : by_contestant) {
    for (const double share : shares) on.take(microseconds_of(values.at(share)));
  }
  std::string out = fmt::format(R"(<svg viewBox="0 0 {} {}">)", width + margin + 20, height + 24) + axes(on);
  for (std::size_t i = 0; i < of.contestants().size(); ++i) {
    const auto found = by_contestant.find(of.contestants()[i]);
    if (found != by_contestant.end()) out += curve(found->second, on, colour(i));
  }
  return out + "</svg>";
}

std::string table(const comparison& of, const std::string& yardstick) {
  std::string out = "<table><tr><th>median of the rounds</th><th>unit</th>";
  for (std::size_t i = 0; i < of.contestants().size(); ++i) {
    out += fmt::format(R"(<th style="color:{}">{}</th>)", colour(i), escaped(of.contestants()[i]));
  }
  out += "<th>noise</th><th>must reach</th></tr>\n";
  for (const auto& row : of.rows()) {
    out += fmt::format("<tr><td>{}</td><td>{}</td>", escaped(row.measure), row.unit);
    const double one = row.median(yardstick);
    for (const auto& name : of.contestants()) {
      const double value = row.median(name);
      const bool ratio = !std::isnan(one) && one != 0;
      out += std::isnan(value) ? "<td>–</td>"
                               : fmt::format("<td>{:.4g}{}</td>", value,
                                             ratio ? fmt::format(" <small>{:.2f}×</small>", value / one) : "");
    }
    out += fmt::format("<td>{:.0f} %</td><td>{}</td></tr>\n", 100 * row.noise(), escaped(row.target_text()));
  }
  return out + "</table>\n";
}

constexpr const char* style =
    "body{font:14px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}td,th{padding:2px 10px;text-align:right;border-bottom:1px solid #ddd}"
    "td:first-child,th:first-child{text-align:left}small{color:#777}svg{width:100%;max-width:720px}"
    "svg text{font-size:11px;fill:#555}";

}  // namespace

std::string page_of(const std::string& title, const comparison& of, const std::string& yardstick,
                    const std::string& told) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title>\n<style>{1}</style>\n"
      "<h1>{0}</h1>\n",
      escaped(title), style);
  out += fmt::format(
      "<p>{} Ratios are to {}. Noise: how far the rounds were apart, relative to their median, of the "
      "contestant with the most of it.</p>\n",
      escaped(told), escaped(yardstick));
  out += table(of, yardstick);
  for (const auto& [measure, by_contestant] : of.distributions()) {
    out += fmt::format("<h2>{}</h2>\n<p>All values of all rounds, by percentile.</p>\n{}\n", escaped(measure),
                       drawing(of, by_contestant));
  }
  return out + "</html>\n";
}

}  // namespace bench
