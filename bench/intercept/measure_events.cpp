#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "bench/intercept/cpu_window.hpp"
#include "bench/intercept/event_text.hpp"
#include "bench/intercept/measures.hpp"
#include "usage/ledger/reports/ledger_reader.hpp"

namespace bench {
namespace {

constexpr unsigned most_events_per_second = 4000;

/// The time between two events of one stream: at most 1000/s per stream, and in total no more than the machine can
/// carry.
std::chrono::microseconds interval(unsigned streams) {
  const std::chrono::microseconds fair(1'000'000ull * streams / most_events_per_second);
  return std::max(fair, streams == 1 ? std::chrono::microseconds(1000) : std::chrono::microseconds(10'000));
}

/// Finds the stamps in the text of a stream, which may be split anywhere.
class stamp_reader {
 public:
  template <class Then>
  void feed(std::string_view text, Then then) {
    kept_ += text;
    std::size_t at = 0;
    while ((at = kept_.find("@@", at)) != std::string::npos && kept_.size() >= at + stamp_size) {
      std::uint64_t stamp = 0;
      std::from_chars(kept_.data() + at + 2, kept_.data() + at + stamp_size, stamp, 16);
      then(stamp);
      kept_.erase(0, at + stamp_size);
      at = 0;
    }
    if (at == std::string::npos) kept_.erase(0, kept_.size() - std::min<std::size_t>(kept_.size(), 1));
  }

 private:
  std::string kept_;
};

struct crowd {
  std::vector<stamp_reader> readers;
  std::vector<bool> begun;
  unsigned streaming = 0;  // streams that have sent an event
  unsigned lost = 0;
  bool counting = false;
  histogram latency;
  probes clients;  // last: they are destroyed before what they refer to

  void take(client& from, std::string_view text) {
    const std::uint64_t now = monotonic_ns();
    readers[from.number].feed(text, [&](std::uint64_t stamp) {
      if (!begun[from.number]) ++streaming;
      begun[from.number] = true;
      if (counting && now > stamp) latency.record(now - stamp);
    });
  }
};

std::string request_of(const event_streams& what, const std::string& host, std::chrono::microseconds every,
                       std::chrono::microseconds phase) {
  const auto asked = fmt::format("{} {} 1000000 {} {}", what.carrier == event_carrier::chat ? "sse" : "responses",
                                 every.count(), what.compressed ? 1 : 0, phase.count());
  if (what.carrier == event_carrier::chat) return request_for(host, asked);
  if (what.carrier == event_carrier::responses) return responses_request_for(host, asked);
  return websocket_request_for(host, asked, what.compressed);
}

/// Waits until every stream has sent an event.
void open_streams(scene& in, const target& of, const event_streams& what, std::chrono::microseconds every, crowd& all) {
  const route to = in.on.to(of);
  const unsigned streams = what.count;
  all.readers.resize(streams);
  all.begun.resize(streams);
  client::listener told;
  told.on_body = [&all](client& from, std::string_view text) { all.take(from, text); };
  told.on_closed = [&all](client&) { ++all.lost; };
  told.on_open = [&](client& at) {
    const auto phase = every * static_cast<unsigned>(at.number) / streams;
    at.send(request_of(what, to.host, every, phase));
  };
  told.on_upgraded = [](client& at) { at.say(create_message); };
  for (unsigned i = 0; i < streams; ++i) {
    all.clients.add(client::open(in.loop, to, in.context, told)).number = i;
    // No more handshakes at once than fit into a backlog.
    if (i % 64 == 63) in.loop.run(monotonic_ns() + 20 * millisecond, [&] { return all.lost > 0; });
  }
  const bool up =
      in.loop.run(monotonic_ns() + 20'000 * millisecond, [&] { return all.streaming == streams || all.lost > 0; });
  if (!up || all.lost > 0) {
    throw std::runtime_error(fmt::format("of {} streams {} are there and {} lost", streams, all.streaming, all.lost));
  }
}

/// All output tokens that zerogravity has booked.
std::int64_t booked_output(const stage& on) {
  auto reader = usage::ledger_reader::open({.file = on.state() / "usage.db"});
  if (!reader) throw std::runtime_error(reader.error().message);
  const auto all = reader->totals({});
  if (!all) throw std::runtime_error(all.error().message);
  return all->output_tokens;
}

/// Ends the turns of the sockets, which stay open, and waits until they are booked.
void end_turns(scene& in, const crowd& all) {
  const std::int64_t turns = std::ssize(all.clients.all());
  const std::int64_t before = booked_output(in.on);
  for (const auto& each : all.clients.all()) each->say(cancel_message);
  std::int64_t booked = 0;
  for (int tries = 0; tries < 50 && booked < turns * output_tokens; ++tries) {
    in.loop.run(monotonic_ns() + 100 * millisecond, [] { return false; });
    booked = booked_output(in.on) - before;
  }
  if (booked != turns * output_tokens) {
    throw std::runtime_error(
        fmt::format("{} turns of {} tokens have ended, and {} tokens are booked", turns, output_tokens, booked));
  }
}

}  // namespace

std::string event_streams::name() const {
  const bool socket = carrier == event_carrier::websocket;
  return fmt::format("{} stream{}{}{}", count, count == 1 ? "" : "s",
                     carrier == event_carrier::chat ? ""
                     : socket                       ? ", websocket"
                                                    : ", responses",
                     !compressed ? ""
                     : socket    ? ", deflate"
                                 : ", gzip");
}

void measure_events(scene& in, const target& of, const event_streams& what) {
  crowd all;
  open_streams(in, of, what, interval(what.count), all);
  in.loop.run(monotonic_ns() + 100 * millisecond, [] { return false; });
  const cpu_window cpu(of);
  all.counting = true;
  in.loop.run(monotonic_ns() + static_cast<std::uint64_t>(in.time.count()) * millisecond, [] { return false; });
  // If the machine stalled for the whole window, nothing was counted yet.
  in.loop.run(monotonic_ns() + 20'000 * millisecond, [&all] { return all.latency.count() > 0; });
  const double used = cpu.used();
  all.counting = false;
  if (what.carrier == event_carrier::websocket && of.name == "zerogravity") end_turns(in, all);
  const auto name = what.name();
  in.out.add("event latency, " + name, of.name, all.latency);
  if (of.process != 0) {
    in.out.add("CPU per event, " + name, "us", of.name, used / static_cast<double>(all.latency.count()));
  }
}

void measure_websocket_events(scene& in, const target& of, bool compressed) {
  std::array carriers{event_carrier::responses, event_carrier::websocket};
  if (in.round % 2 == 1) std::swap(carriers[0], carriers[1]);  // neither always comes second
  for (const auto carrier : carriers) {
    measure_events(in, of, {20, carrier, compressed});
    in.loop.run(monotonic_ns() + 100 * millisecond, [] { return false; });
  }
}

void measure_stream_memory(scene& in, const target& of) {
  if (of.process == 0) return;
  crowd all;
  open_streams(in, of, {1000}, std::chrono::seconds(1), all);
  const process_cost held = cost_of_group(of.process);
  in.out.add("resident with 1000 open streams", "MB", of.name, static_cast<double>(held.resident_bytes) / 1e6);
}

}  // namespace bench
