#include "bench/intercept/intercept_bench.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>

#include <spdlog/fmt/fmt.h>

#include "bench/intercept/measures.hpp"
#include "bench/probe/tls_end.hpp"

namespace bench {
namespace {

bool chosen(const std::string& name, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(),
                                     [&](const std::string& part) { return name.find(part) != std::string::npos; });
}

}  // namespace

std::vector<measure> all_measures() {
  std::vector<measure> all;
  // Memory first: later, an allocator has room left over from other scenes, and growth does not show.
  all.push_back({"stalled download", true, measure_stalled_download});
  all.push_back({"idle memory", true, measure_idle_memory});
  for (const unsigned streams : {1u, 20u, 200u, 2000u}) {
    all.push_back({fmt::format("events {} streams", streams), streams == 2000,
                   [streams](scene& in, const target& of) { measure_events(in, of, streams, false); }});
  }
  all.push_back({"events gzip", false, [](scene& in, const target& of) { measure_events(in, of, 20, true); }});
  all.push_back({"requests", false, measure_requests});
  all.push_back({"first byte", false, measure_first_byte});
  for (const auto& [name, kind] : {std::pair{"handshake full", handshake::full},
                                   {"handshake resumed", handshake::resumed},
                                   {"handshake new host", handshake::new_host}}) {
    all.push_back({name, false, [kind](scene& in, const target& of) { measure_handshakes(in, of, kind); }});
  }
  all.push_back({"download", false, measure_download});
  all.push_back({"upload", false, measure_upload});
  all.push_back({"abort", true, measure_abort});
  return all;
}

comparison measure_intercept(const intercept_options& options) {
  const stage on(options.stage);
  const auto context = client_context(on.trust_file());
  event_loop loop;
  std::vector<target> targets = on.targets();
  std::erase_if(targets, [&](const target& of) {
    return std::find(options.without.begin(), options.without.end(), of.name) != options.without.end();
  });
  std::vector<std::string> names;
  for (const target& each : targets) names.push_back(each.name);
  comparison out(names);
  scene in{on, loop, context.get(), options.time, out};
  for (in.round = 0; in.round < options.rounds; ++in.round) {
    for (const measure& each : all_measures()) {
      if (!chosen(each.name, options.only) || (each.once && in.round > 0)) continue;
      for (const target& of : targets) {
        if (options.progress) fmt::print(stderr, "\r\033[Kround {}: {}, {}", in.round + 1, each.name, of.name);
        // A peer that cannot do a thing has no figure; the others go on.
        try {
          each.play(in, of);
        } catch (const std::exception& error) {
          fmt::print(stderr, "\n{}, {}: {}\n", each.name, of.name, error.what());
        }
        // The ends of its connections are not the next one's work.
        loop.run(monotonic_ns() + 100'000'000, [] { return false; });
      }
    }
  }
  if (options.progress) fmt::print(stderr, "\r\033[K");
  return out;
}

}  // namespace bench
