#pragma once

// The input of the micro benches: an answer that streams, as providers send it, and what tells its cost per event.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

inline constexpr std::size_t events_per_answer = 1000;

/// Server-sent events of an OpenAI-compatible provider, the usage in the last one.
std::string event_stream();
/// One chunk for each event.
std::string chunked(std::string_view body);
/// gzip or br, flushed after every event; or as it is, for "".
std::string encoded(std::string_view coding, std::string_view events);

/// Since the program began.
std::size_t allocations();

/// Says bytes of input per second, time and allocations per event. `allocated`: in all iterations together.
void tell(benchmark::State& state, std::size_t bytes, std::size_t events, std::size_t allocated);

}  // namespace bench
