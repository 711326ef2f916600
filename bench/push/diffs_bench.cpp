#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "bench/common/process_cost.hpp"
#include "bench/push/push_bench.hpp"
#include "bench/push/turn_script.hpp"
#include "cascade/core/cascade_view.hpp"
#include "cascade/core/step_reducer.hpp"

namespace bench {
namespace {

constexpr unsigned parts = 10;

/// The state and the reducer of a turn, as update_stream owns them, but without a connection.
struct turn {
  cascade::cascade_view view;
  cascade::step_reducer reducer{0};
  std::uint64_t events = 0;

  void apply(turn_script::update&& update) {
    const auto what = view.apply(std::move(update));
    if (what.has_error()) throw std::runtime_error("a diff was refused: " + what.error().message());
    events += reducer.apply(view.state(), *what).size();
  }
};

}  // namespace

findings measure_diffs(const diffs_options& options) {
  turn_script script(0);
  turn of;
  of.apply(script.snapshot());
  findings out;
  out.bench = "diffs";
  std::vector<double> cost;
  for (unsigned part = 0; part < parts; ++part) {
    std::vector<turn_script::update> updates;
    for (unsigned i = 0; i < options.diffs / parts; ++i) updates.push_back(script.next([i] { return i; }));
    const std::uint64_t before = own_cost().cpu_ns;
    for (auto& update : updates) of.apply(std::move(update));
    cost.push_back(static_cast<double>(own_cost().cpu_ns - before) / static_cast<double>(updates.size()));
    out.add(fmt::format("CPU per diff, tenth {} of the turn", part + 1), cost.back(), "ns");
  }
  if (of.events < options.diffs / parts * parts) throw std::runtime_error("not every diff became an event");
  out.add("last tenth / first tenth", cost.back() / cost.front(), "x");
  out.add("steps of the turn", of.view.state().trajectory().steps_size(), "");
  out.add("held by state and reducer", static_cast<double>(of.view.bytes_held() + of.reducer.bytes_held()) / 1e6, "MB");
  out.notes.push_back(fmt::format("{} diffs, each {} bytes more of a reply; a step after every {} of them",
                                  options.diffs / parts * parts, record_size, records_per_step));
  return out;
}

}  // namespace bench
