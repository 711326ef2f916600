#include "bench/api/measures.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "bench/common/process_cost.hpp"

namespace bench::api {
namespace {

constexpr std::uint64_t millisecond = 1'000'000;
constexpr std::uint64_t patience = 60'000 * millisecond;
constexpr unsigned chats_per_second = 50;
constexpr unsigned chunks_per_second = 1000;  // of all streams together
constexpr unsigned chats_at_once = 16;
const std::string shortest = "[[ls:synthetic=1]]";

/// Receives what a way reports while a scene is played.
class audience {
 public:
  audience(way& by, chat_listener told) : by_(by) {
    told.on_end = [this, then = std::move(told.on_end)](std::size_t chat) {
      ++ended_;
      if (then) then(chat);
    };
    told.on_lost = [this](const std::string& why) { lost_ = why; };
    by.listen(std::move(told));
  }
  ~audience() { by_.listen({}); }
  audience(const audience&) = delete;
  audience& operator=(const audience&) = delete;

  std::size_t ended() const { return ended_; }

  /// Throws if a chat is lost.
  void wait_until(std::uint64_t due) {
    by_.wait(due, [this] { return lost_.has_value(); });
    if (lost_) throw std::runtime_error(*lost_);
  }
  template <class Done>
  void wait_for(Done done) {
    const bool well = by_.wait(monotonic_ns() + patience, [&] { return lost_.has_value() || done(); });
    if (lost_) throw std::runtime_error(*lost_);
    if (!well) throw std::runtime_error("chats do not come to their end");
  }

 private:
  way& by_;
  std::size_t ended_ = 0;
  std::optional<std::string> lost_;
};

std::uint64_t nanoseconds(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(time.count()) * millisecond;
}

double megabytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / 1e6;
}

double microseconds_since(const process_cost& before, pid_t service) {
  return static_cast<double>(cost_of(service).cpu_ns - before.cpu_ns) / 1000.0;
}

/// Runs one chat, so that what only the first chat creates is not measured.
void warm_up(const contestant& of) {
  audience heard(of.by, {});
  of.by.get().begin(0, shortest, true);
  heard.wait_for([&] { return heard.ended() == 1; });
}

std::string text_of(unsigned pieces, std::uint64_t gap) {
  return fmt::format("[[ls:synthetic={},gap_us={},synthetic_step=32]]", pieces, gap / 1000);
}

/// The observation of streams that all ran during the whole window.
struct chunk_window {
  histogram latency;
  double cpu_us = 0;
  std::uint64_t resident = 0;
};

/// `spare`: how much longer streams last than planned. nullopt if that was too short, so that some streams ended while
/// others began or were counted.
std::optional<chunk_window> watch_chunks(scene& in, const contestant& of, unsigned streams, std::uint64_t spare) {
  const std::uint64_t gap = 1000 * millisecond * streams / chunks_per_second;
  constexpr std::uint64_t between_begins = 3 * millisecond;  // spreads the pieces over the gap
  constexpr std::uint64_t settling = 300 * millisecond;
  const std::uint64_t lasts = between_begins * streams + settling + nanoseconds(in.time) + spare;
  const std::string text = text_of(static_cast<unsigned>(lasts / gap + 1), gap);
  std::vector<bool> begun(streams);
  unsigned streaming = 0;
  bool counting = false;
  chunk_window seen;
  chat_listener told;
  told.on_stamp = [&](std::size_t chat, std::uint64_t stamp, std::uint64_t now) {
    streaming += begun[chat] ? 0 : 1;
    begun[chat] = true;
    if (counting) seen.latency.record(now - stamp);
  };
  audience heard(of.by, std::move(told));
  const std::uint64_t first = monotonic_ns();
  for (unsigned chat = 0; chat < streams; ++chat) {
    heard.wait_until(first + between_begins * chat);
    of.by.get().begin(chat, text, true);
  }
  heard.wait_for([&] { return streaming == streams; });
  heard.wait_until(monotonic_ns() + settling);
  const process_cost before = cost_of(of.service);
  counting = true;
  heard.wait_until(monotonic_ns() + nanoseconds(in.time));
  // If the machine stalled for the whole window, nothing was counted yet.
  heard.wait_for([&] { return seen.latency.count() > 0 || heard.ended() > 0; });
  counting = false;
  seen.cpu_us = microseconds_since(before, of.service);
  seen.resident = cost_of(of.service).resident_bytes;
  const bool all_ran = heard.ended() == 0;
  heard.wait_for([&] { return heard.ended() == streams; });
  return all_ran ? std::optional(std::move(seen)) : std::nullopt;
}

}  // namespace

std::string first_chunk_name(std::chrono::milliseconds written_after) {
  return fmt::format("first chunk of 50 chats/s, written after {} ms", written_after.count());
}

void measure_first_chunk(scene& in, const contestant& of, std::chrono::milliseconds written_after) {
  warm_up(of);
  const std::string text = text_of(1, nanoseconds(written_after));
  constexpr std::uint64_t every = 1000 * millisecond / chats_per_second;
  const std::uint64_t count = std::max<std::uint64_t>(nanoseconds(in.time) / every, 1);
  const std::uint64_t first = monotonic_ns() + every;
  histogram took;
  chat_listener told;
  told.on_stamp = [&](std::size_t chat, std::uint64_t, std::uint64_t now) { took.record(now - first - every * chat); };
  audience heard(of.by, std::move(told));
  for (std::uint64_t chat = 0; chat < count; ++chat) {
    heard.wait_until(first + every * chat);
    of.by.get().begin(chat, text, true);
  }
  heard.wait_for([&] { return heard.ended() == count; });
  in.out.add(first_chunk_name(written_after), of.name, took);
}

void measure_chunks(scene& in, const contestant& of, unsigned streams) {
  warm_up(of);
  constexpr unsigned most_tries = 4;
  std::uint64_t spare = 500 * millisecond + 5 * millisecond * streams;
  std::optional<chunk_window> seen;
  for (unsigned tries = 0; !seen && tries < most_tries; ++tries, spare *= 3) {
    seen = watch_chunks(in, of, streams, spare);
  }
  if (!seen) throw std::runtime_error("streams ended while others began");
  const std::string name = fmt::format("{} stream{}", streams, streams == 1 ? "" : "s");
  in.out.add("server's write to chunk, " + name, of.name, seen->latency);
  if (of.service == 0) return;
  in.out.add("CPU per chunk, " + name, "us", of.name, seen->cpu_us / static_cast<double>(seen->latency.count()));
  in.out.add("resident, " + name, "MB", of.name, megabytes(seen->resident));
}

void measure_chats(scene& in, const contestant& of) {
  warm_up(of);
  std::size_t begun = 0;
  bool going_on = true;
  chat_listener told;
  told.on_end = [&](std::size_t) {
    if (going_on) of.by.get().begin(begun++, shortest, false);
  };
  audience heard(of.by, std::move(told));
  while (begun < chats_at_once) of.by.get().begin(begun++, shortest, false);
  heard.wait_for([&] { return heard.ended() >= chats_at_once; });
  const process_cost before = cost_of(of.service);
  const std::uint64_t began = monotonic_ns();
  const std::size_t ended_before = heard.ended();
  heard.wait_until(began + nanoseconds(in.time));
  const auto count = static_cast<double>(heard.ended() - ended_before);
  const double seconds = static_cast<double>(monotonic_ns() - began) / 1e9;
  const double used = microseconds_since(before, of.service);
  going_on = false;
  heard.wait_for([&] { return heard.ended() == begun; });
  in.out.add("chats, 16 at once", "1/s", of.name, count / seconds);
  if (of.service != 0 && count > 0) in.out.add("CPU per chat", "us", of.name, used / count);
}

void measure_idle(scene& in, const contestant& of) {
  if (of.service == 0) return;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  in.out.add("resident when idle", "MB", of.name, megabytes(cost_of(of.service).resident_bytes));
}

}  // namespace bench::api
