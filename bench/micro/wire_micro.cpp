#include <benchmark/benchmark.h>

#include <stdexcept>

#include "bench/micro/bodies.hpp"
#include "net/wire/chunk_decoder.hpp"
#include "net/wire/sse_decoder.hpp"

namespace bench {
namespace {

void chunk_decoder(benchmark::State& state) {
  const std::string body = chunked(event_stream());
  const std::size_t before = allocations();
  for (auto _ : state) {
    net::wire::chunk_decoder decoder;
    std::string_view rest = body;
    while (!decoder.done()) {
      const auto step = decoder.feed(rest);
      if (step.has_error()) throw std::logic_error("refused");
      benchmark::DoNotOptimize(step->body.data());
      rest.remove_prefix(step->consumed);
    }
  }
  tell(state, body.size(), events_per_answer, allocations() - before);
}
BENCHMARK(chunk_decoder);

struct count_events final : net::wire::sse_decoder::sink {
  void on_data(std::string_view piece) override { bytes += piece.size(); }
  void on_dispatch(std::string_view) override { ++events; }
  std::size_t bytes = 0;
  std::size_t events = 0;
};

void sse_decoder(benchmark::State& state) {
  const std::string body = event_stream();
  const std::size_t before = allocations();
  for (auto _ : state) {
    count_events counted;
    net::wire::sse_decoder decoder(counted);
    decoder.feed(body);
    decoder.finish();
    if (counted.events < events_per_answer) throw std::logic_error("events are missing");
  }
  tell(state, body.size(), events_per_answer, allocations() - before);
}
BENCHMARK(sse_decoder);

}  // namespace
}  // namespace bench
