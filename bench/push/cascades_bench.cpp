#include <future>
#include <stdexcept>
#include <thread>

#include <malloc.h>
#include <spdlog/fmt/fmt.h>

#include "bench/common/process_cost.hpp"
#include "bench/push/follower.hpp"
#include "bench/push/push_bench.hpp"
#include "bench/push/pushing_server.hpp"

namespace bench {
namespace {

constexpr double megabyte = 1e6;

/// Memory once every follower has reached `where`.
std::uint64_t memory_at(const gate& where, unsigned followers) {
  while (where.arrived() < followers) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  ::malloc_trim(0);
  return own_cost().memory_bytes;
}

}  // namespace

findings measure_cascades(const cascades_options& options) {
  const pushing_server server;
  follower reader(server.address(), options.threads);
  const std::uint64_t before = own_cost().memory_bytes;
  gate snapshot;
  gate told;
  push_plan plan;
  plan.earlier_bytes = options.transcript_bytes;
  plan.records = options.records + 1;
  plan.every = std::chrono::seconds(1);
  plan.streams = options.cascades;
  std::vector<std::future<followed>> running;
  for (plan.stream = 0; plan.stream < plan.streams; ++plan.stream) {
    running.push_back(reader.follow(plan, {{1, &snapshot}, {plan.records, &told}}));
  }
  const std::uint64_t with_snapshots = memory_at(snapshot, options.cascades) - before;
  snapshot.open();
  const std::uint64_t at_end = memory_at(told, options.cascades) - before;
  told.open();
  for (auto& one : running) {
    if (const followed got = one.get(); !got.failure.empty()) throw std::runtime_error("lost one: " + got.failure);
  }

  findings out;
  out.bench = "cascades";
  const double all = static_cast<double>(options.cascades);
  const double transcripts = all * static_cast<double>(options.transcript_bytes);
  out.add("cascades followed at once", all, "");
  out.add("transcripts", transcripts / megabyte, "MB");
  out.add("held, as the streams say (bytes_held)", static_cast<double>(told.bytes_held()) / megabyte, "MB");
  out.add("resident growth after the snapshots", static_cast<double>(with_snapshots) / megabyte, "MB");
  out.add("resident growth after the updates", static_cast<double>(at_end) / megabyte, "MB");
  out.add("resident growth / transcripts", static_cast<double>(at_end) / transcripts, "x");
  out.add("resident growth beyond what is said to be held, per cascade",
          (static_cast<double>(at_end) - static_cast<double>(told.bytes_held())) / all / 1000.0, "KB");
  out.add("grown by the updates", static_cast<double>(at_end) / static_cast<double>(with_snapshots), "x");
  return out;
}

}  // namespace bench
