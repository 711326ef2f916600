#pragma once

// The input of the micro benches: a streamed answer as providers send it. Also counts its cost per event.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

inline constexpr std::size_t events_per_answer = 1000;

/// Server-sent events of an OpenAI-compatible provider. The last one contains the usage.
std::string event_stream();
/// One chunk for each event.
std::string chunked(std::string_view body);
/// Encodes with gzip or br, flushed after every event. "" leaves the text unchanged.
std::string encoded(std::string_view coding, std::string_view events);

/// Since the program began.
std::size_t allocations();

/// Reports bytes of input per second, and time and allocations per event. `allocated` counts all iterations together.
void tell(benchmark::State& state, std::size_t bytes, std::size_t events, std::size_t allocated);

}  // namespace bench
