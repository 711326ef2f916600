#include <benchmark/benchmark.h>

#include <stdexcept>
#include <vector>

#include "bench/micro/bodies.hpp"
#include "bench/push/turn_script.hpp"
#include "cascade/core/cascade_view.hpp"
#include "cascade/core/step_reducer.hpp"

namespace bench {
namespace {

std::vector<turn_script::update> updates_of_a_turn(std::size_t count) {
  turn_script script(0);
  std::vector<turn_script::update> out{script.snapshot()};
  for (std::size_t i = 0; i < count; ++i) out.push_back(script.next([i] { return i; }));
  return out;
}

std::size_t bytes_of(const std::vector<turn_script::update>& updates) {
  std::size_t sum = 0;
  for (const auto& update : updates) sum += update.ByteSizeLong();
  return sum;
}

/// apply() consumes a copy. Making the copy is not timed.
void diff_engine(benchmark::State& state) {
  const auto updates = updates_of_a_turn(events_per_answer);
  std::size_t allocated = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto copies = updates;
    cascade::cascade_view view;
    const std::size_t before = allocations();
    state.ResumeTiming();
    for (auto& update : copies) {
      if (view.apply(std::move(update)).has_error()) throw std::logic_error("refused");
    }
    allocated += allocations() - before;
  }
  tell(state, bytes_of(updates), updates.size(), allocated);
}
BENCHMARK(diff_engine);

/// Includes the diff engine, because no reducer works without one. The difference to diff_engine is the reducer's cost.
void diff_engine_and_reducer(benchmark::State& state) {
  const auto updates = updates_of_a_turn(events_per_answer);
  std::size_t allocated = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto copies = updates;
    cascade::cascade_view view;
    cascade::step_reducer reducer(0);
    const std::size_t before = allocations();
    state.ResumeTiming();
    std::size_t events = 0;
    for (auto& update : copies) {
      const auto what = view.apply(std::move(update));
      if (what.has_error()) throw std::logic_error("refused");
      events += reducer.apply(view.state(), *what).size();
    }
    if (events < events_per_answer) throw std::logic_error("events are missing");
    allocated += allocations() - before;
  }
  tell(state, bytes_of(updates), updates.size(), allocated);
}
BENCHMARK(diff_engine_and_reducer);

}  // namespace
}  // namespace bench
