#include "bench/intercept/intercept_bench.hpp"

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "bench/intercept/measures.hpp"
#include "bench/probe/tls_end.hpp"

namespace bench {
std::vector<measure> all_measures() {
  std::vector<measure> all;
  // Memory comes first. Later, the allocator has memory left from other scenes, which would hide growth.
  all.push_back({"stalled download", true, measure_stalled_download});
  all.push_back({"idle memory", true, measure_idle_memory});
  all.push_back({"stream memory", true, measure_stream_memory});
  for (const unsigned streams : {1u, 20u, 200u, 2000u}) {
    all.push_back({fmt::format("events {} streams", streams), streams == 2000,
                   [streams](scene& in, const target& of) { measure_events(in, of, {streams}); }});
  }
  all.push_back({"events gzip", false,
                 [](scene& in, const target& of) { measure_events(in, of, {.count = 20, .compressed = true}); }});
  all.push_back(
      {"events websocket", false, [](scene& in, const target& of) { measure_websocket_events(in, of, false); }});
  all.push_back(
      {"events websocket deflate", false, [](scene& in, const target& of) { measure_websocket_events(in, of, true); }});
  all.push_back({"requests", false, measure_requests});
  all.push_back({"first byte", false, [](scene& in, const target& of) { measure_first_byte(in, of); }});
  for (const auto& [name, kind] : {std::pair{"handshake full", handshake::full},
                                   {"handshake resumed", handshake::resumed},
                                   {"handshake new host", handshake::new_host}}) {
    all.push_back({name, false, [kind](scene& in, const target& of) { measure_handshakes(in, of, kind); }});
  }
  all.push_back({"far origin", false, measure_far});
  all.push_back({"download", false, measure_download});
  all.push_back({"upload", false, measure_upload});
  all.push_back({"abort", true, measure_abort});
  return all;
}

void add_targets(comparison& to) {
  const std::string ours = "zerogravity";
  to.add_difference("cost of accounting, CPU per event, 20 streams", "CPU per event, 20 streams", ours,
                    "no accounting");
  for (const bool compressed : {false, true}) {
    const auto sse = event_streams{20, event_carrier::responses, compressed}.name();
    const auto socket = event_streams{20, event_carrier::websocket, compressed}.name();
    for (const auto& [what, before, after] :
         {std::tuple{"latency p50", "event latency, ", ", p50"}, {"CPU per event", "CPU per event, ", ""}}) {
      const auto ratio = fmt::format("websocket / SSE, {}{}", what, compressed ? ", compressed" : "");
      to.add_ratio(ratio, before + socket + after, before + sse + after);
      to.must_reach(ratio, {ours, 1.1});
    }
  }
  to.must_reach("event latency, 20 streams, p50", {ours, 1, "nginx"});
  to.must_reach("event latency, 200 streams, p99", {ours, 1.5, "floor"});
  to.must_reach("CPU per event, 20 streams", {ours, 1, "nginx"});
  to.must_reach("CPU per kept-alive request", {ours, 1, "nginx"});
  to.must_reach("CPU per connection, full handshake", {ours, 1.1, "floor"});
  to.must_reach("CPU per connection, resumed handshake", {ours, 1, "floor"});
  to.must_reach("first byte of a new connection, new host, p50", {ours, 1500});
  to.must_reach("CPU per MB, download", {ours, 1.15, "floor"});
  to.must_reach("memory per idle connection", {ours, 36});
  to.must_reach("memory growth with a stalled download", {ours, 2000});
  to.must_reach("first byte of a new connection, origin 20 ms away, p50", {ours, 1, "direct"});
  to.must_reach("client gone to origin sees it, p50", {ours, 300});
  to.must_reach("cost of accounting, CPU per event, 20 streams", {ours, 1.5});
}

comparison measure_intercept(const intercept_options& options) {
  const stage on(options.stage);
  const auto context = client_context(on.trust_file());
  event_loop loop;
  const std::vector<target> targets = taking_part(options.how, on.targets());
  comparison out(names_of(targets));
  scene in{on, loop, context.get(), options.time, out};
  play_in_turns(options.how, all_measures(), targets, [&](const measure& each, const target& of, unsigned round) {
    in.round = round;
    each.play(in, of);
    // Closing its connections must not count for the next contestant.
    loop.run(monotonic_ns() + 100'000'000, [] { return false; });
  });
  add_targets(out);
  return out;
}

}  // namespace bench
