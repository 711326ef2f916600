// The tap runs beside every event of a socket, so an event must not allocate. Counted here by replacing the program's
// operator new.

#include <gtest/gtest.h>

#include <string>

#include "net/wire/websocket_decoder.hpp"
#include "net/wire/websocket_encoder.hpp"
#include "test/support/counted_new.hpp"
#include "test/support/split.hpp"
#include "test/support/websocket_frames.hpp"

namespace net::wire {
namespace {

struct ignore final : websocket_decoder::sink {
  void on_message(bool) override {}
  void on_content(std::string_view piece) override { bytes += piece.size(); }
  void on_message_end(std::uint64_t) override {}
  void on_control(websocket_opcode, std::string_view) override {}
  std::size_t bytes = 0;
};

std::string event_frames(websocket_encoder& encoder, const std::optional<websocket_mask>& mask) {
  std::string bytes;
  encoder.encode(websocket_opcode::text, false, R"({"type":"response.output_text.delta","delta":")", mask, bytes);
  encoder.encode(websocket_opcode::ping, true, "p", mask, bytes);
  encoder.encode(websocket_opcode::continuation, true, R"(word"})", mask, bytes);
  return bytes;
}

/// Allocations while the pieces are fed.
std::size_t feed(websocket_decoder& decoder, const support::pieces& cut) {
  ignore out;
  const std::size_t before = support::allocations.load();
  for (const std::string_view piece : cut) EXPECT_TRUE(decoder.feed(piece, out));
  const std::size_t allocated = support::allocations.load() - before;
  EXPECT_GT(out.bytes, 0u);
  return allocated;
}

TEST(websocket_decoder_allocation, an_event_allocates_nothing_but_the_inflater_at_first) {
  for (const websocket_sender who : {websocket_sender::client, websocket_sender::server}) {
    const bool masked = who == websocket_sender::client;
    const auto mask = masked ? std::optional(websocket_mask{'a', 'b', 'c', 'd'}) : std::nullopt;
    for (const websocket_deflate& deflate :
         {websocket_deflate{}, websocket_deflate{.on = true}, websocket_deflate{.on = true, .keep_context = false}}) {
      websocket_encoder encoder(deflate);
      websocket_decoder decoder(who, deflate);
      std::size_t allocated = 0;
      for (int i = 0; i < 100; ++i) {
        const std::string bytes = event_frames(encoder, mask);
        allocated += feed(decoder, support::pieces_of(bytes, i % 2 == 0 ? 7 : bytes.size()));
      }
      EXPECT_EQ(allocated, deflate.on ? 1u : 0u) << masked;
    }
  }
}

TEST(websocket_decoder_allocation, a_large_message_allocates_nothing) {
  websocket_decoder decoder(websocket_sender::client);
  const std::string bytes = support::websocket::text(std::string(8 << 20, 'p'), {.masked = true});
  EXPECT_EQ(feed(decoder, support::pieces_of(bytes, 64 * 1024)), 0u);
}

TEST(websocket_decoder_allocation, a_released_inflater_is_made_again_for_the_next_message) {
  for (const bool keep_context : {true, false}) {
    const websocket_deflate deflate{.on = true, .keep_context = keep_context};
    websocket_encoder encoder(deflate);
    websocket_decoder decoder(websocket_sender::server, deflate);
    feed(decoder, {event_frames(encoder, {})});
    decoder.release();
    EXPECT_EQ(feed(decoder, {event_frames(encoder, {})}), keep_context ? 0u : 1u);
  }
}

}  // namespace
}  // namespace net::wire
