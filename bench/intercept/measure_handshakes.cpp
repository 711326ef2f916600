#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "bench/intercept/cpu_window.hpp"
#include "bench/intercept/event_text.hpp"
#include "bench/intercept/measures.hpp"

namespace bench {
namespace {

struct session_free {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using session_ptr = std::unique_ptr<SSL_SESSION, session_free>;

std::string name_of(handshake kind) {
  switch (kind) {
    case handshake::full:
      return "full handshake";
    case handshake::resumed:
      return "resumed handshake";
    case handshake::new_host:
      return "new host";
  }
  return {};
}

struct visit {
  std::uint64_t took = 0;  // connect → first byte of the answer
  bool reused = false;
  session_ptr session;
};

/// Connect, handshake, one request, close.
visit visit_once(scene& in, const route& to, SSL_SESSION* resumed) {
  visit out;
  bool answered = false;
  bool lost = false;
  client::listener told;
  told.on_open = [&](client& at) { at.send(request_for(to.host, "small")); };
  told.on_first_byte = [&](client& at) { out.took = monotonic_ns() - at.began; };
  told.on_answered = [&](client& at) {
    out.reused = at.reused();
    out.session.reset(at.session());
    answered = true;
  };
  told.on_closed = [&](client&) { lost = true; };
  probes opened;
  client& one = opened.add(client::open(in.loop, to, in.context, told, resumed));
  in.loop.run(monotonic_ns() + 10'000 * millisecond, [&] { return answered || lost; });
  if (!answered) throw std::runtime_error("a new connection was not answered");
  one.close();
  return out;
}

}  // namespace

void measure_handshakes(scene& in, const target& of, handshake kind) {
  static unsigned host_number = 0;
  visit last = visit_once(in, in.on.to(of), nullptr);
  histogram took;
  std::uint64_t count = 0;
  std::uint64_t reused = 0;
  const cpu_window cpu(of);
  const std::uint64_t end = monotonic_ns() + static_cast<std::uint64_t>(in.time.count()) * millisecond;
  while (monotonic_ns() < end) {
    const route to =
        kind == handshake::new_host ? in.on.to(of, fmt::format("h{}.{}", ++host_number, other_hosts)) : in.on.to(of);
    last = visit_once(in, to, kind == handshake::resumed ? last.session.get() : nullptr);
    took.record(last.took);
    ++count;
    reused += last.reused ? 1 : 0;
  }
  const std::string name = name_of(kind);
  in.out.add("first byte of a new connection, " + name, of.name, took);
  if (of.process != 0)
    in.out.add("CPU per connection, " + name, "us", of.name, cpu.used() / static_cast<double>(count));
  if (kind == handshake::resumed) {
    in.out.add("resumed of those that asked", "%", of.name,
               100.0 * static_cast<double>(reused) / static_cast<double>(count));
  }
}

void measure_far(scene& in, const target& of) {
  const route to = in.on.to_far(of);
  constexpr unsigned least = 5;
  visit_once(in, to, nullptr);
  histogram took;
  const std::uint64_t end = monotonic_ns() + static_cast<std::uint64_t>(in.time.count()) * millisecond;
  for (unsigned count = 0; count < least || monotonic_ns() < end; ++count) {
    took.record(visit_once(in, to, nullptr).took);
  }
  in.out.add(fmt::format("first byte of a new connection, origin {} ms away", far_round_trip.count()), of.name, took);
}

}  // namespace bench
