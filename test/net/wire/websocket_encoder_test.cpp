#include "net/wire/websocket_encoder.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "net/wire/websocket_decoder.hpp"
#include "test/support/websocket_frames.hpp"

namespace net::wire {
namespace {

using namespace std::string_literals;
using namespace support::websocket;

constexpr websocket_mask key{'\x37', '\xfa', '\x21', '\x3d'};

std::string encoded(websocket_encoder& encoder, websocket_opcode opcode, std::string_view payload, bool fin = true,
                    std::optional<websocket_mask> mask_key = {}) {
  std::string out;
  encoder.encode(opcode, fin, payload, mask_key, out);
  return out;
}

std::string decoded(const std::string& bytes, websocket_deflate deflate, websocket_sender who) {
  transcript out;
  websocket_decoder decoder(who, deflate);
  EXPECT_TRUE(decoder.feed(bytes, out));
  return out.told;
}

TEST(websocket_encoder, makes_the_examples_of_rfc_6455) {
  websocket_encoder encoder;
  EXPECT_EQ(encoded(encoder, websocket_opcode::text, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(encoded(encoder, websocket_opcode::text, "Hello", true, key),
            "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(encoded(encoder, websocket_opcode::text, "Hel", false), "\x01\x03Hel");
  EXPECT_EQ(encoded(encoder, websocket_opcode::continuation, "lo"), "\x80\x02lo");
  EXPECT_EQ(encoded(encoder, websocket_opcode::ping, "Hello"), "\x89\x05Hello");
}

TEST(websocket_encoder, makes_every_form_of_length) {
  websocket_encoder encoder;
  for (const std::size_t size : {0, 125, 126, 65535, 65536}) {
    const std::string payload(size, 'x');
    EXPECT_EQ(encoded(encoder, websocket_opcode::binary, payload), binary(payload)) << size;
    EXPECT_EQ(encoded(encoder, websocket_opcode::binary, payload, true, key), binary(payload, from_client(whole)))
        << size;
  }
}

TEST(websocket_encoder, appends_to_what_is_there) {
  websocket_encoder encoder;
  std::string out = "before";
  encoder.encode(websocket_opcode::text, true, "a", key, out);
  EXPECT_EQ(out, "before" + text("a", from_client(whole)));
}

TEST(websocket_encoder, compresses_messages_and_no_control_frame) {
  websocket_encoder encoder({.on = true});
  const std::string payload(1000, 'x');
  const std::string message = encoded(encoder, websocket_opcode::text, payload);
  EXPECT_EQ(message[0], '\xc1') << "RSV1";
  EXPECT_LT(message.size(), 40u);
  EXPECT_EQ(encoded(encoder, websocket_opcode::ping, "Hello"), "\x89\x05Hello");
  EXPECT_EQ(decoded(message, {.on = true}, websocket_sender::server),
            "text{" + payload + "}" + std::to_string(message.size()));
}

TEST(websocket_encoder, of_an_empty_message_makes_an_empty_block) {
  websocket_encoder encoder({.on = true});
  EXPECT_EQ(encoded(encoder, websocket_opcode::text, ""), "\xc1\x01\0"s);
  encoded(encoder, websocket_opcode::text, "x");
  EXPECT_EQ(encoded(encoder, websocket_opcode::text, ""), "\xc1\x01\0"s);
}

TEST(websocket_encoder, keeps_its_context_only_where_that_was_agreed) {
  const std::string payload = R"({"type":"response.output_text.delta","delta":"word"})";
  websocket_encoder shared({.on = true});
  const std::size_t first = encoded(shared, websocket_opcode::text, payload).size();
  EXPECT_LT(encoded(shared, websocket_opcode::text, payload).size(), first / 2);
  websocket_encoder apart({.on = true, .keep_context = false});
  const std::string alone = encoded(apart, websocket_opcode::text, payload);
  EXPECT_EQ(encoded(apart, websocket_opcode::text, payload), alone);
}

TEST(websocket_encoder, refers_no_farther_back_than_was_agreed) {
  std::mt19937 random(7692);
  std::string payload;
  for (int i = 0; i < 700; ++i) payload += static_cast<char>(random());
  payload += payload;
  websocket_encoder wide({.on = true});
  EXPECT_LT(encoded(wide, websocket_opcode::binary, payload).size(), 800u);
  for (const int bits : {8, 9}) {
    websocket_encoder narrow({.on = true, .window_bits = bits});
    EXPECT_GT(encoded(narrow, websocket_opcode::binary, payload).size(), 1400u) << bits;
  }
}

TEST(websocket_encoder, for_a_window_that_zlib_cannot_make_compresses_nothing) {
  websocket_encoder encoder({.on = true, .window_bits = 8});
  EXPECT_EQ(encoded(encoder, websocket_opcode::text, "Hello"), "\x81\x05Hello");
}

TEST(websocket_encoder, makes_what_the_decoder_reads) {
  for (const bool keep_context : {true, false}) {
    for (const int bits : {8, 9, 12, 15}) {
      const websocket_deflate deflate{.on = true, .window_bits = bits, .keep_context = keep_context};
      websocket_encoder encoder(deflate);
      const std::string payload(100'000, 'x');
      std::string bytes = encoded(encoder, websocket_opcode::text, payload, false, key);
      bytes += encoded(encoder, websocket_opcode::ping, "p", true, key);
      bytes += encoded(encoder, websocket_opcode::continuation, "", false, key);
      bytes += encoded(encoder, websocket_opcode::continuation, "", true, key);
      const std::string size = std::to_string(bytes.size() - 7);
      const std::string again = encoded(encoder, websocket_opcode::text, payload, true, key);
      EXPECT_EQ(decoded(bytes + again, deflate, websocket_sender::client),
                "text{" + payload + "<ping:p>}" + size + "text{" + payload + "}" + std::to_string(again.size()));
    }
  }
}

}  // namespace
}  // namespace net::wire
