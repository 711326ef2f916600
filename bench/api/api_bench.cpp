#include "bench/api/api_bench.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>

#include <spdlog/fmt/fmt.h>

#include "bench/api/direct_way.hpp"
#include "bench/api/measures.hpp"
#include "bench/api/service_way.hpp"
#include "bench/probe/sockets.hpp"

namespace bench {
namespace {

/// Without a delay, all work before the answer is counted. With a delay, the updates are already being pushed.
constexpr std::array written_after{std::chrono::milliseconds(0), std::chrono::milliseconds(10)};

struct measure {
  std::string name;
  bool once = false;  // only in the first round
  std::function<void(api::scene&, const api::contestant&)> play;
};

std::vector<measure> all_measures(const std::vector<unsigned>& streams) {
  // Memory comes first, before anything has made it grow.
  std::vector<measure> all{{"idle", true, api::measure_idle}};
  for (const auto after : written_after) {
    all.push_back({"first chunk", false,
                   [after](api::scene& in, const api::contestant& of) { measure_first_chunk(in, of, after); }});
  }
  for (const unsigned each : streams) {
    all.push_back({fmt::format("chunks {} streams", each), each >= 1000,
                   [each](api::scene& in, const api::contestant& of) { measure_chunks(in, of, each); }});
  }
  all.push_back({"chats", false, api::measure_chats});
  return all;
}

void add_targets(comparison& to, const std::vector<unsigned>& streams) {
  for (const auto after : written_after) {
    const std::string first = api::first_chunk_name(after) + ", p50";
    for (const char* by : {"push", "poll"}) to.add_difference("added to " + first, first, by, "direct");
    to.must_reach("added to " + first, {"push", 300});
  }
  for (const unsigned each : streams) {
    const std::string chunk = fmt::format("server's write to chunk, {} stream{}, p50", each, each == 1 ? "" : "s");
    for (const char* by : {"push", "poll"}) to.add_difference("added to " + chunk, chunk, by, "direct");
  }
  to.must_reach("server's write to chunk, 64 streams, p50", {"push", 300});
  to.must_reach("server's write to chunk, 64 streams, p99", {"push", 1500});
  to.must_reach("resident, 1000 streams", {"push", 128});
}

}  // namespace

comparison measure_api(const api_options& options) {
  raise_file_limit();
  auto programs = options.programs;
  programs.chats = std::max(64u, *std::max_element(options.streams.begin(), options.streams.end()));
  const api::stage on(programs);
  direct_way direct(on.pushing.address());
  service_way push(on.by_push.api());
  service_way poll(on.by_poll.api());
  const std::vector<api::contestant> all{
      {"direct", direct}, {"push", push, on.by_push.pid()}, {"poll", poll, on.by_poll.pid()}};
  const auto contestants = taking_part(options.how, all);
  comparison out(names_of(contestants));
  api::scene in{options.time, out};
  play_in_turns(options.how, all_measures(options.streams), contestants,
                [&](const measure& each, const api::contestant& of, unsigned) { each.play(in, of); });
  add_targets(out, options.streams);
  return out;
}

}  // namespace bench
