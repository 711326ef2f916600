#include <algorithm>
#include <deque>
#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "bench/intercept/cpu_window.hpp"
#include "bench/intercept/event_text.hpp"
#include "bench/intercept/measures.hpp"

namespace bench {
namespace {

constexpr unsigned kept_connections = 16;
constexpr unsigned requests_per_second = 1000;

std::uint64_t end_of(const scene& in) {
  return monotonic_ns() + static_cast<std::uint64_t>(in.time.count()) * millisecond;
}

void open_kept(scene& in, const target& of, const client::listener& told, probes& into) {
  for (unsigned i = 0; i < kept_connections; ++i) into.add(client::open(in.loop, in.on.to(of), in.context, told));
  const bool up = in.loop.run(monotonic_ns() + 10'000 * millisecond, [&] {
    return std::all_of(into.all().begin(), into.all().end(), [](const auto& each) { return each->open_now(); });
  });
  if (!up) throw std::runtime_error("connections cannot be had");
}

}  // namespace

void measure_requests(scene& in, const target& of) {
  const std::string request = request_for(api_host, "small");
  std::uint64_t answered = 0;
  client::listener told;
  told.on_answered = [&](client& at) {
    ++answered;
    at.send(request);
  };
  probes clients;
  open_kept(in, of, told, clients);
  for (const auto& each : clients.all()) each->send(request);
  in.loop.run(monotonic_ns() + 50 * millisecond, [] { return false; });
  const cpu_window cpu(of);
  const std::uint64_t before = answered;
  const std::uint64_t began = monotonic_ns();
  in.loop.run(end_of(in), [] { return false; });
  const auto count = static_cast<double>(answered - before);
  const double seconds = static_cast<double>(monotonic_ns() - began) / 1e9;
  if (of.process != 0) in.out.add("CPU per kept-alive request", "us", of.name, cpu.used() / count);
  in.out.add("kept-alive requests", "1/s", of.name, count / seconds);
}

void measure_first_byte(scene& in, const target& of, const std::string& name) {
  const std::string request = request_for(api_host, "small");
  histogram latency;
  std::deque<client*> free;
  std::deque<std::uint64_t> due;
  const auto dispatch = [&] {
    while (!free.empty() && !due.empty()) {
      free.front()->began = due.front();
      free.front()->send(request);
      free.pop_front();
      due.pop_front();
    }
  };
  client::listener told;
  told.on_first_byte = [&](client& at) { latency.record(monotonic_ns() - at.began); };
  told.on_answered = [&](client& at) {
    free.push_back(&at);
    dispatch();
  };
  probes clients;
  open_kept(in, of, told, clients);
  for (const auto& each : clients.all()) free.push_back(each.get());
  constexpr std::uint64_t every = 1'000'000'000 / requests_per_second;
  const std::uint64_t end = end_of(in);
  std::uint64_t next = monotonic_ns() + every;
  // Each request is timed from when it was due, so waiting for a connection counts.
  std::function<void()> on_due = [&] {
    due.push_back(next);
    dispatch();
    next += every;
    if (next < end) in.loop.at(next, [&] { on_due(); });
  };
  in.loop.at(next, [&] { on_due(); });
  in.loop.run(end + millisecond, [] { return false; });
  in.loop.run(monotonic_ns() + 5000 * millisecond, [&] { return due.empty() && free.size() == clients.all().size(); });
  in.out.add(name, of.name, latency);
}

}  // namespace bench
