#include <benchmark/benchmark.h>

#include <optional>
#include <stdexcept>

#include "bench/micro/bodies.hpp"
#include "net/wire/chunk_decoder.hpp"
#include "net/wire/sse_decoder.hpp"
#include "net/wire/websocket_decoder.hpp"
#include "net/wire/websocket_encoder.hpp"

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

struct count_messages final : net::wire::websocket_decoder::sink {
  void on_message(bool) override {}
  void on_content(std::string_view piece) override { bytes += piece.size(); }
  void on_message_end(std::uint64_t) override { ++messages; }
  void on_control(net::wire::websocket_opcode, std::string_view) override {}
  std::size_t bytes = 0;
  std::size_t messages = 0;
};

/// As many messages as there are events. Bytes are those that were sent as content, whatever they take on the wire.
void websocket_decoder(benchmark::State& state, net::wire::websocket_sender who, net::wire::websocket_deflate deflate) {
  const std::string events = event_stream();
  const std::size_t size = events.size() / events_per_answer;
  std::optional<net::wire::websocket_mask> mask;
  if (who == net::wire::websocket_sender::client) mask = {'m', 'a', 's', 'k'};
  net::wire::websocket_encoder encoder(deflate);
  std::string wire;
  for (std::size_t i = 0; i < events_per_answer; ++i) {
    encoder.encode(net::wire::websocket_opcode::text, true, std::string_view(events).substr(i * size, size), mask,
                   wire);
  }
  const std::size_t before = allocations();
  for (auto _ : state) {
    count_messages counted;
    net::wire::websocket_decoder decoder(who, deflate);
    if (decoder.feed(wire, counted).has_error()) throw std::logic_error("refused");
    if (counted.messages != events_per_answer) throw std::logic_error("messages are missing");
  }
  tell(state, events_per_answer * size, events_per_answer, allocations() - before);
}
BENCHMARK_CAPTURE(websocket_decoder, server, net::wire::websocket_sender::server, {});
BENCHMARK_CAPTURE(websocket_decoder, client, net::wire::websocket_sender::client, {});
BENCHMARK_CAPTURE(websocket_decoder, deflate, net::wire::websocket_sender::server, {.on = true});

}  // namespace
}  // namespace bench
