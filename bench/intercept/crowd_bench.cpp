#include "bench/intercept/crowd_bench.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/intercept/api_load.hpp"
#include "bench/intercept/measures.hpp"
#include "bench/probe/tls_end.hpp"
#include "bench/reports/grown_ledger.hpp"
#include "usage/ledger/reports/ledger_reader.hpp"

namespace bench {
namespace {

constexpr double most_slower = 1.2;  // p99 with a load, divided by p99 without
constexpr double most_report_us = 50'000;

usage::ledger_options ledger_in(const std::filesystem::path& state) {
  return {.file = state / "usage.db"};
}

/// What /v1/usage reads.
void measure_report(comparison& out, const std::filesystem::path& state, const std::string& contestant) {
  auto reader = usage::ledger_reader::open(ledger_in(state));
  if (!reader) throw std::runtime_error(reader.error().message);
  using by = usage::group_by;
  for (const auto& [name, groups] :
       {std::pair{"report on usage", std::vector{by::model, by::conversation}},
        std::pair{"report on usage by all",
                  std::vector{by::model, by::conversation, by::host, by::status, by::process}}}) {
    const auto began = monotonic_ns();
    if (const auto summary = reader->summary(groups, {}); !summary) throw std::runtime_error(summary.error().message);
    out.add(name, "us", contestant, static_cast<double>(monotonic_ns() - began) / 1000);
  }
}

struct load_measure {
  std::string name;
  bool once = false;
  const api_load* load = nullptr;
};

}  // namespace

comparison measure_crowd(const crowd_options& options) {
  auto stage_with = options.stage;
  stage_with.prepare_state = [&](const std::filesystem::path& state) {
    grow(ledger_in(state).file, {.rows = options.rows});
  };
  const stage on(stage_with);
  const auto context = client_context(on.trust_file());
  event_loop loop;
  const auto ours = std::ranges::find(on.targets(), "zerogravity", &target::name);
  const target quiet{"quiet", ours->mark, ours->process};
  const target loaded{"loaded", ours->mark, ours->process};
  // The load also slows clients that are not intercepted, because it runs on the same machine.
  const target past_quiet{"past it, quiet", 0, 0};
  const target past_loaded{"past it, loaded", 0, 0};
  const std::vector<target> all = taking_part(options.how, std::vector{quiet, loaded, past_quiet, past_loaded});
  comparison out(names_of(all));
  scene in{on, loop, context.get(), options.time, out};
  const auto loads = api_loads();
  std::vector<load_measure> measures;
  for (const auto& each : loads) measures.push_back({each.name, false, &each});
  measure_report(out, on.state(), quiet.name);
  play_in_turns(options.how, measures, all, [&](const load_measure& each, const target& of, unsigned round) {
    in.round = round;
    std::optional<api_clients> clients;
    if (of.name == loaded.name || of.name == past_loaded.name) {
      clients.emplace(*each.load, on.api_port());
      loop.run(monotonic_ns() + 500 * millisecond, [] { return false; });
    }
    measure_first_byte(in, of, "first byte, " + each.name);
  });
  for (const auto& each : loads)
    out.must_reach("first byte, " + each.name + ", p99", {loaded.name, most_slower, quiet.name});
  for (const char* report : {"report on usage", "report on usage by all"})
    out.must_reach(report, {quiet.name, most_report_us});
  return out;
}

}  // namespace bench
