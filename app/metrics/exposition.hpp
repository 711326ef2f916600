#pragma once

// Writer of the Prometheus text exposition format 0.0.4: families in order, each with HELP and TYPE, label values
// escaped. Used by `metrics`.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace app {

using metric_label = std::pair<std::string_view, std::string_view>;
using metric_labels = std::initializer_list<metric_label>;

class exposition {
 public:
  enum class type_of : std::uint8_t { counter, gauge, histogram };

  /// Begins a family; the samples that follow belong to it.
  void family(std::string_view name, type_of type, std::string_view help);

  /// `suffix` is that of histogram series: _bucket, _sum, _count.
  void sample(metric_labels labels, double value, std::string_view suffix = {});
  void sample(metric_labels labels, std::uint64_t value, std::string_view suffix = {});
  /// As above with one more label, as histograms need.
  void sample(metric_labels labels, metric_label last, std::uint64_t value, std::string_view suffix);

  std::string take() && { return std::move(text_); }

 private:
  void begin(metric_labels labels, const metric_label* last, std::string_view suffix);
  void label(const metric_label& one, bool first);

  std::string text_;
  std::string name_;
};

/// The shortest decimal that reads back as the same number.
std::string metric_number(double value);

}  // namespace app
