#include <stdexcept>
#include <thread>

#include <spdlog/fmt/fmt.h>

#include "bench/intercept/cpu_window.hpp"
#include "bench/intercept/event_text.hpp"
#include "bench/intercept/measures.hpp"

namespace bench {
namespace {

constexpr std::uint64_t megabytes = 64;
constexpr std::uint64_t transfer = megabytes * 1'000'000;

void time_transfer(scene& in, const target& of, const std::string& name, const std::string& request) {
  bool done = false;
  bool lost = false;
  client::listener told;
  told.on_answered = [&](client&) { done = true; };
  told.on_closed = [&](client&) { lost = true; };
  probes opened;
  client& one = opened.add(client::open(in.loop, in.on.to(of), in.context, told));
  in.loop.run(monotonic_ns() + 5000 * millisecond, [&] { return one.open_now() || lost; });
  const cpu_window cpu(of);
  const std::uint64_t began = monotonic_ns();
  one.send(request);
  in.loop.run(began + 60'000 * millisecond, [&] { return done || lost; });
  if (!done) throw std::runtime_error("the transfer did not end");
  const double seconds = static_cast<double>(monotonic_ns() - began) / 1e9;
  if (of.process != 0) in.out.add("CPU per MB, " + name, "us", of.name, cpu.used() / megabytes);
  in.out.add(name, "MB/s", of.name, megabytes / seconds);
}

/// Excludes what is only created for the first connection.
void ask_once(scene& in, const target& of) {
  bool over = false;
  client::listener told;
  told.on_open = [](client& at) { at.send(request_for(api_host, "small")); };
  told.on_answered = told.on_closed = [&over](client&) { over = true; };
  probes opened;
  opened.add(client::open(in.loop, in.on.to(of), in.context, told));
  in.loop.run(monotonic_ns() + 5000 * millisecond, [&] { return over; });
}

std::uint64_t memory_of(const target& of) {
  return cost_of_group(of.process).memory_bytes;
}

}  // namespace

void measure_download(scene& in, const target& of) {
  time_transfer(in, of, "download", request_for(api_host, fmt::format("bulk {}", transfer)));
}

void measure_upload(scene& in, const target& of) {
  time_transfer(in, of, "upload", request_for(api_host, "small", transfer));
}

void measure_idle_memory(scene& in, const target& of) {
  if (of.process == 0) return;
  constexpr unsigned connections = 500;
  unsigned answered = 0;
  unsigned lost = 0;
  probes idle;
  const auto open = [&] {
    client::listener told;
    told.on_open = [](client& at) { at.send(request_for(api_host, "small")); };
    told.on_answered = [&](client&) { ++answered; };
    told.on_closed = [&](client&) { ++lost; };
    idle.add(client::open(in.loop, in.on.to(of), in.context, told));
  };
  const auto settle = [&](unsigned wanted) {
    in.loop.run(monotonic_ns() + 10'000 * millisecond, [&] { return answered == wanted || lost > 0; });
    in.loop.run(monotonic_ns() + 300 * millisecond, [] { return false; });
  };
  open();
  settle(1);
  const std::uint64_t before = memory_of(of);
  for (unsigned i = 0; i < connections; ++i) {
    open();
    if (i % 32 == 31) in.loop.run(monotonic_ns() + 5000 * millisecond, [&] { return answered == i + 2 || lost > 0; });
  }
  settle(connections + 1);
  if (lost > 0) throw std::runtime_error("idle connections are closed");
  in.out.add("memory per idle connection", "KB", of.name,
             static_cast<double>(memory_of(of) - before) / 1000.0 / connections);
}

void measure_stalled_download(scene& in, const target& of) {
  if (of.process == 0) return;
  static constexpr std::uint64_t size = 256'000'000;
  ask_once(in, of);
  const std::uint64_t before = memory_of(of);
  bool begun = false;
  client::listener told;
  told.on_open = [](client& at) { at.send(request_for(api_host, fmt::format("bulk {}", size))); };
  told.on_body = [&](client& at, std::string_view) {
    begun = true;
    at.pause();
  };
  probes opened;
  opened.add(client::open(in.loop, in.on.to(of), in.context, told));
  in.loop.run(monotonic_ns() + 5000 * millisecond, [&] { return begun; });
  // The origin writes until every buffer on the way is full.
  for (std::uint64_t sent = 0; sent != in.on.origin().bulk_bytes;) {
    sent = in.on.origin().bulk_bytes;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  in.out.add("memory growth with a stalled download", "KB", of.name,
             (static_cast<double>(memory_of(of)) - static_cast<double>(before)) / 1000.0);
}

void measure_abort(scene& in, const target& of) {
  constexpr unsigned aborts = 30;
  histogram seen;
  for (unsigned i = 0; i < aborts; ++i) {
    bool begun = false;
    client::listener told;
    told.on_open = [](client& at) { at.send(request_for(api_host, "sse 10000 1000 0 0")); };
    told.on_body = [&](client&, std::string_view) { begun = true; };
    probes opened;
    client& one = opened.add(client::open(in.loop, in.on.to(of), in.context, told));
    in.loop.run(monotonic_ns() + 5000 * millisecond, [&] { return begun; });
    in.loop.run(monotonic_ns() + 2 * millisecond, [] { return false; });
    const std::uint64_t before = monotonic_ns();
    one.close(true);
    const auto& last = in.on.origin().last_abort;
    in.loop.run(before + 200 * millisecond, [&] {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      return last > before;
    });
    if (last > before) seen.record(last - before);
  }
  in.out.add("client gone to origin sees it", of.name, seen);
}

}  // namespace bench
