#include "bench/micro/bodies.hpp"

#include <brotli/encode.h>

#include <array>
#include <stdexcept>

#include "bench/intercept/event_text.hpp"
#include "test/support/counted_new.hpp"

namespace bench {
namespace {

template <class Then>
void each_event(std::string_view events, Then then) {
  while (!events.empty()) {
    const auto end = events.find("\n\n");
    const auto size = end == events.npos ? events.size() : end + 2;
    then(events.substr(0, size));
    events.remove_prefix(size);
  }
}

std::string brotli(std::string_view events) {
  BrotliEncoderState* const state = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
  std::string out;
  std::array<uint8_t, 64 * 1024> block;
  each_event(events, [&](std::string_view event) {
    std::size_t left = event.size();
    const auto* next = reinterpret_cast<const uint8_t*>(event.data());
    do {
      std::size_t room = block.size();
      uint8_t* to = block.data();
      if (BrotliEncoderCompressStream(state, BROTLI_OPERATION_FLUSH, &left, &next, &room, &to, nullptr) == 0) {
        throw std::runtime_error("brotli");
      }
      out.append(reinterpret_cast<const char*>(block.data()), block.size() - room);
    } while (left > 0 || BrotliEncoderHasMoreOutput(state) != 0);
  });
  BrotliEncoderDestroyInstance(state);
  return out;
}

}  // namespace

std::string event_stream() {
  std::string out;
  for (std::size_t i = 1; i < events_per_answer; ++i) out += event_text(1, i * 1'000'003);
  return out + last_event(1);
}

std::string chunked(std::string_view body) {
  std::string out;
  each_event(body, [&](std::string_view event) { out += chunk(event); });
  return out + "0\r\n\r\n";
}

std::string encoded(std::string_view coding, std::string_view events) {
  if (coding == "br") return brotli(events);
  if (coding != "gzip") return std::string(events);
  gzip_stream zip;
  std::string out;
  each_event(events, [&](std::string_view event) { out += zip.add(event); });
  return out + zip.finish();
}

std::size_t allocations() {
  return support::allocations.load(std::memory_order_relaxed);
}

void tell(benchmark::State& state, std::size_t bytes, std::size_t events, std::size_t allocated) {
  const auto rounds = static_cast<double>(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(rounds * static_cast<double>(bytes)));
  state.counters["time/event"] = benchmark::Counter(rounds * static_cast<double>(events),
                                                    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["allocations/event"] = static_cast<double>(allocated) / (rounds * static_cast<double>(events));
}

}  // namespace bench
