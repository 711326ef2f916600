#include "bench/push/push_bench.hpp"

#include <future>
#include <stdexcept>
#include <thread>

#include <spdlog/fmt/fmt.h>

#include "bench/common/process_cost.hpp"
#include "bench/push/follower.hpp"
#include "bench/push/pushing_server.hpp"

namespace bench {
namespace {

followed checked(std::future<followed> of) {
  followed got = of.get();
  if (!got.failure.empty()) throw std::runtime_error("a subscription failed: " + got.failure);
  return got;
}

void measure_latency(follower& reader, const push_options& options, unsigned streams, findings& out) {
  push_plan plan;
  plan.streams = streams;
  plan.every = std::chrono::microseconds(1'000'000ull * streams / options.events_per_second);
  plan.records = static_cast<std::uint32_t>(options.time / plan.every) + 1;
  const process_cost before = own_cost();
  std::vector<std::future<followed>> running;
  for (plan.stream = 0; plan.stream < streams; ++plan.stream) {
    running.push_back(reader.follow(plan, {{plan.records, nullptr}}));
  }
  histogram latency;
  for (auto& one : running) latency.add(checked(std::move(one)).latency);
  const process_cost after = own_cost();
  out.add(fmt::format("client CPU per update, {} streams", streams),
          static_cast<double>(after.cpu_ns - before.cpu_ns) / 1000.0 / static_cast<double>(latency.count()), "us");
  out.add(fmt::format("server's Write to resumed coroutine, {} streams", streams), std::move(latency));
}

/// Waits until the server's counter stops. The server writes without a pause, so then the transport is full.
std::uint64_t settled(const std::atomic<std::uint64_t>& counter) {
  std::uint64_t last = counter;
  for (unsigned same = 0; same < 10;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    same = counter == last ? same + 1 : 0;
    last = counter;
  }
  return last;
}

void measure_buffered(follower& reader, const pushing_server& server, findings& out) {
  constexpr std::uint64_t read_before_stop = 2000;
  const std::uint64_t bytes = server.written().bytes;
  const std::uint64_t messages = server.written().messages;
  push_plan plan;
  plan.every = std::chrono::microseconds(0);
  plan.records = 1'000'000;
  gate stopped;
  auto running = reader.follow(plan, {{read_before_stop, &stopped}});
  while (stopped.arrived() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const std::uint64_t written = settled(server.written().bytes) - bytes;
  const std::uint64_t taken = server.written().messages - messages;
  stopped.open();
  const followed got = checked(std::move(running));
  out.add("bytes buffered when the reader stops", static_cast<double>(written - got.last_number), "B");
  out.add("updates buffered when the reader stops", static_cast<double>(taken - got.records), "");
}

}  // namespace

findings measure_push(const push_options& options) {
  const pushing_server server;
  follower reader(server.address(), options.threads);
  findings out;
  out.bench = "push";
  out.notes.push_back(
      fmt::format("{} updates/s in all, on an open-loop schedule; the server is a process of its own; "
                  "gRPC over TLS on loopback; includes the diff and the reducer",
                  options.events_per_second));
  for (const unsigned streams : options.streams) measure_latency(reader, options, streams, out);
  measure_buffered(reader, server, out);
  return out;
}

}  // namespace bench
