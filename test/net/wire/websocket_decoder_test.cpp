#include "net/wire/websocket_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include "net/wire/websocket_encoder.hpp"
#include "test/support/split.hpp"
#include "test/support/websocket_frames.hpp"

namespace net::wire {
namespace {

using namespace std::string_literals;
using namespace support::websocket;
using sender = websocket_sender;

constexpr websocket_deflate shared{.on = true};
constexpr websocket_deflate apart{.on = true, .keep_context = false};

std::string words(const result<void>& fed) {
  if (fed.has_value()) return "";
  if (fed.error() == errc::malformed) return "malformed";
  if (fed.error() == errc::too_large) return "too large";
  return fed.error() == errc::too_dense ? "too dense" : "?";
}

/// What the decoder tells of a stream, and the error it ends with. Each piece is gone once it was fed.
std::string decode(const support::pieces& cut, sender who, websocket_deflate deflate = {},
                   const websocket_limits& limits = {}) {
  websocket_decoder decoder(who, deflate, limits);
  transcript out;
  for (const std::string_view piece : cut) {
    const std::unique_ptr<char[]> block(new char[piece.size()]);
    std::ranges::copy(piece, block.get());
    const auto fed = decoder.feed({block.get(), piece.size()}, out);
    if (fed.has_value()) continue;
    const std::string before = out.told;
    EXPECT_EQ(words(decoder.feed(ping("x"), out)), words(fed)) << "an error is final";
    EXPECT_EQ(out.told, before) << "nothing is told behind it";
    return out.told + words(fed);
  }
  return out.told;
}

void expect_decoded(const std::string& bytes, const std::string& expected, sender who = sender::server,
                    websocket_deflate deflate = {}, const websocket_limits& limits = {}) {
  support::for_each_split(bytes, [&](const support::pieces& cut) {
    EXPECT_EQ(decode(cut, who, deflate, limits), expected) << support::describe(cut);
  });
  const auto thirds = support::pieces_of(bytes, 3);
  EXPECT_EQ(decode(thirds, who, deflate, limits), expected) << support::describe(thirds);
}

void expect_from_client(const std::string& bytes, const std::string& expected, websocket_deflate deflate = {},
                        const websocket_limits& limits = {}) {
  expect_decoded(bytes, expected, sender::client, deflate, limits);
}

std::string close_payload(unsigned code, const std::string& reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + reason;
}

TEST(websocket_decoder, reads_the_examples_of_rfc_6455) {
  const std::string masked_hello = "\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
  expect_decoded("\x81\x05Hello", "text{Hello}7");
  expect_from_client("\x81" + masked_hello, "text{Hello}11");
  expect_decoded("\x01\x03Hel\x80\x02lo", "text{Hello}9");
  expect_decoded("\x89\x05Hello", "<ping:Hello>");
  expect_from_client("\x8a" + masked_hello, "<pong:Hello>");
  const std::string small(256, 'b'), large(64 * 1024, 'b');
  EXPECT_EQ(decode({"\x82\x7e\x01\0"s + small}, sender::server), "binary{" + small + "}260");
  EXPECT_EQ(decode({"\x82\x7f\0\0\0\0\0\1\0\0"s + large}, sender::server), "binary{" + large + "}65546");
}

TEST(websocket_decoder, reads_messages_of_every_form_of_length) {
  for (const std::size_t size : {0, 1, 125, 126, 127, 1000}) {
    const std::string content(size, 'x');
    const std::string wire = std::to_string(size + (size < 126 ? 2 : 4));
    expect_decoded(text(content), "text{" + content + "}" + wire);
  }
  for (const std::size_t size : {65535, 65536, 65537}) {
    const std::string content(size, 'x');
    for (const std::size_t cut : {3, 1000, 16 * 1024, 100'000}) {
      EXPECT_EQ(decode(support::pieces_of(text(content), cut), sender::server),
                "text{" + content + "}" + std::to_string(size + (size == 65535 ? 4 : 10)));
    }
  }
}

TEST(websocket_decoder, joins_fragments_and_tells_what_controls_come_between) {
  expect_decoded(text("one", part) + ping("a") + more(" two", part) + pong("") + ping("b") + more(" three"),
                 "text{one<ping:a> two<pong:><ping:b> three}19");
  expect_decoded(text("", part) + more("", part) + more("x", part) + more(""), "text{x}9");
  expect_from_client(binary("a", from_client(part)) + ping("p", from_client(whole)) + more("b", from_client(whole)) +
                         text("c", from_client(whole)),
                     "binary{a<ping:p>b}14text{c}7");
}

TEST(websocket_decoder, unmasks_wherever_a_payload_is_cut) {
  std::string content;
  for (int i = 0; i < 200; ++i) content += static_cast<char>('a' + i % 26);
  const std::string bytes = text(content, from_client(whole)) + text("next", from_client(whole));
  for (std::size_t first = 0; first <= 20; ++first) {
    for (std::size_t second = 0; second <= 20; ++second) {
      const std::string_view all = bytes;
      EXPECT_EQ(decode({all.substr(0, first), all.substr(first, second), all.substr(first + second)}, sender::client),
                "text{" + content + "}208text{next}10");
    }
  }
}

TEST(websocket_decoder, demands_masks_of_a_client_and_none_of_a_server) {
  expect_from_client(text("x"), "malformed");
  expect_from_client(ping("x"), "malformed");
  expect_decoded(text("x", from_client(whole)), "malformed");
  expect_decoded(close("", from_client(whole)), "malformed");
}

TEST(websocket_decoder, demands_the_shortest_form_of_a_length) {
  expect_decoded(head(1, 125, 2), "malformed");
  expect_decoded(head(1, 0, 2), "malformed");
  expect_decoded(head(1, 0xffff, 8), "malformed");
  expect_decoded(head(1, 1, 8), "malformed");
  expect_decoded(head(1, 1ull << 63, 8), "malformed");
  expect_decoded(head(1, ~0ull, 8), "malformed");
  expect_decoded(head(1, 1ull << 62, 8), "text{", sender::server, {}, {.message = 1ull << 63});
}

TEST(websocket_decoder, of_reserved_bits_and_opcodes_says_malformed) {
  for (const unsigned rsv : {1u, 2u, 3u, 4u, 7u}) expect_decoded(text("x", {.rsv = rsv}), "malformed");
  for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u}) {
    expect_decoded(head(opcode, 0, 0), "malformed");
    expect_decoded(text("x", part) + head(opcode, 0, 0), "text{xmalformed");
  }
}

TEST(websocket_decoder, lets_fragments_come_only_in_their_message) {
  expect_decoded(more("x"), "malformed");
  expect_decoded(text("x") + more("y"), "text{x}3malformed");
  expect_decoded(text("x", part) + text("y"), "text{xmalformed");
  expect_decoded(text("x", part) + binary("y"), "text{xmalformed");
}

TEST(websocket_decoder, of_a_control_frame_that_is_long_or_a_fragment_says_malformed) {
  const std::string longest(max_control_payload, 'p');
  expect_decoded(ping(longest), "<ping:" + longest + ">");
  expect_from_client(ping(longest, from_client(whole)), "<ping:" + longest + ">");
  expect_decoded(ping(longest + "p"), "malformed");
  expect_decoded(head(9, 1, 8), "malformed");
  for (const unsigned opcode : {8u, 9u, 10u}) expect_decoded(head(opcode, 0, 0, part), "malformed");
}

TEST(websocket_decoder, checks_the_code_of_a_close) {
  expect_decoded(close(), "<close:>");
  for (const unsigned code : {1000u, 1001u, 1003u, 1007u, 1011u, 1012u, 1014u, 3000u, 4001u, 4999u}) {
    const std::string payload = close_payload(code, "why");
    expect_decoded(close(payload), "<close:" + payload + ">");
  }
  expect_decoded(close("\x03"), "malformed");
  for (const unsigned code : {0u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 2999u, 5000u, 65535u}) {
    expect_decoded(close(close_payload(code)), "malformed");
  }
}

TEST(websocket_decoder, drops_what_comes_behind_a_close) {
  expect_decoded(text("a", part) + close(close_payload(1001)) + "\xff\xff whatever",
                 "text{a<close:" + close_payload(1001) + ">");
}

TEST(websocket_decoder, bounds_the_size_of_a_message_before_it_comes) {
  const websocket_limits limits{.message = 10};
  expect_decoded(text("0123456789") + text("0123456789"), "text{0123456789}12text{0123456789}12", sender::server, {},
                 limits);
  expect_decoded(head(1, 11, 0), "too large", sender::server, {}, limits);
  expect_decoded(text("01234567", part) + ping("not of it") + more("89") + text("a"),
                 "text{01234567<ping:not of it>89}14text{a}3", sender::server, {}, limits);
  expect_decoded(text("01234567", part) + head(0, 3, 0), "text{01234567too large", sender::server, {}, limits);
}

TEST(websocket_decoder, bounds_the_fragments_of_a_message) {
  const websocket_limits limits{.fragments = 3};
  const std::string three = text("a", part) + more("", part) + more("c");
  expect_decoded(three + three, "text{ac}8text{ac}8", sender::server, {}, limits);
  expect_decoded(text("a", part) + more("", part) + ping("") + more("", part) + more(""), "text{a<ping:>too large",
                 sender::server, {}, limits);
}

TEST(websocket_decoder, hands_on_what_is_neither_masked_nor_compressed_as_it_is) {
  struct viewer final : websocket_decoder::sink {
    void on_message(bool) override {}
    void on_content(std::string_view piece) override { seen = piece; }
    void on_message_end(std::uint64_t) override {}
    void on_control(websocket_opcode, std::string_view) override {}
    std::string_view seen;
  } out;
  const std::string bytes = text(std::string(1 << 20, 'x'));
  websocket_decoder decoder(sender::server, shared);
  ASSERT_TRUE(decoder.feed(bytes, out));
  EXPECT_EQ(out.seen.data(), bytes.data() + 10);
  EXPECT_EQ(out.seen.size(), 1u << 20);
}

/// Looks at the sizes of the pieces alone.
struct gauge final : websocket_decoder::sink {
  void on_message(bool) override {}
  void on_content(std::string_view piece) override {
    largest = std::max(largest, piece.size());
    bytes += piece.size();
  }
  void on_message_end(std::uint64_t) override { ++messages; }
  void on_control(websocket_opcode, std::string_view) override {}
  std::size_t take_cost() override { return cost; }
  std::size_t largest = 0;
  std::size_t bytes = 0;
  std::size_t messages = 0;
  std::size_t cost = 0;
};

TEST(websocket_decoder, unmasks_and_inflates_in_bounded_pieces) {
  const std::string content(3 << 20, 'x');
  gauge plain;
  websocket_decoder masked(sender::client);
  ASSERT_TRUE(masked.feed(text(content, from_client(whole)), plain));
  EXPECT_EQ(plain.bytes, content.size());
  EXPECT_LE(plain.largest, websocket_decoder::piece_size);

  std::string bytes;
  websocket_encoder(shared).encode(websocket_opcode::text, true, content, std::nullopt, bytes);
  gauge inflated;
  websocket_decoder packed_frames(sender::server, shared);
  ASSERT_TRUE(packed_frames.feed(bytes, inflated));
  EXPECT_EQ(inflated.bytes, content.size());
  EXPECT_LE(inflated.largest, websocket_decoder::piece_size);
}

// What follows inflates.

const std::string hello = "\xf2\x48\xcd\xc9\xc9\x07\0"s;
const std::string hello_again = "\xf2\0\x11\0\0"s;  // a reference into the message before
const std::string hello_stored = "\0\x05\0\xfa\xffHello\0"s;
const std::string hello_final = "\xf3\x48\xcd\xc9\xc9\x07\0\0"s;  // BFINAL
const std::string hello_in_two = "\xf2\x48\x05\0\0\0\xff\xff\xca\xc9\xc9\x07\0"s;
const std::string nothing = "\0"s;

void expect_inflated(const std::string& bytes, const std::string& expected, websocket_deflate deflate = shared,
                     const websocket_limits& limits = {}) {
  expect_decoded(bytes, expected, sender::server, deflate, limits);
}

TEST(websocket_deflate, reads_the_examples_of_rfc_7692) {
  expect_inflated("\xc1\x07"s + hello, "text{Hello}9");
  expect_inflated("\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\0"s, "text{Hello}11");
  expect_inflated(text(hello, packed) + text(hello_again, packed), "text{Hello}9text{Hello}7");
  expect_inflated(text(hello, packed) + text(hello, packed), "text{Hello}9text{Hello}9");
  expect_inflated(text(hello_stored, packed), "text{Hello}13");
  expect_inflated(text(hello_final, packed), "text{Hello}10");
  expect_inflated(text(hello_in_two, packed), "text{Hello}15");
  expect_inflated(text(nothing, packed), "text{}3");
}

TEST(websocket_deflate, of_a_client_is_unmasked_first) {
  expect_from_client(text(hello.substr(0, 2), from_client(packed_part)) + ping("p", from_client(whole)) +
                         more(hello.substr(2), from_client(whole)) + text(hello_again, from_client(packed)),
                     "text{H<ping:p>ello}19text{Hello}11", shared);
}

TEST(websocket_deflate, fragments_may_end_anywhere_and_be_empty) {
  expect_inflated(text("", packed_part) + more(hello, part) + more("") + text(hello_again.substr(0, 1), packed_part) +
                      more("", part) + more(hello_again.substr(1)),
                  "text{Hello}13text{Hello}11");
  expect_inflated(text(hello + std::string(deflate_tail), packed_part) + more(nothing) +
                      text(nothing + std::string(deflate_tail), packed_part) + more(nothing),
                  "text{Hello}16text{}10");
}

TEST(websocket_deflate, is_used_by_the_message_that_says_so_and_by_no_other) {
  expect_inflated(text("plain") + text(hello, packed) + binary("plain", part) + more("!") + text(hello_again, packed),
                  "text{plain}7text{Hello}9binary{plain!}10text{Hello}7");
}

TEST(websocket_deflate, may_end_its_stream_in_any_block_and_keeps_its_window_all_the_same) {
  expect_inflated(text(hello_final, packed) + text(hello_again, packed), "text{Hello}10text{Hello}7");
  expect_inflated(text(hello_final.substr(0, 7) + hello_again, packed), "text{HelloHello}14");
  const std::string stored_final = "\1\x05\0\xfa\xffHello\0"s;
  expect_inflated(text(stored_final, packed) + text(hello_again, packed), "text{Hello}13text{Hello}7");
  expect_inflated(text("\3\0\3\0\0"s, packed), "text{}7");
  expect_inflated(text("\1"s, packed) + text(hello, packed), "text{}3text{Hello}9");
}

TEST(websocket_deflate, without_context_begins_each_message_with_an_empty_window) {
  expect_inflated(text(hello, packed) + text(hello, packed), "text{Hello}9text{Hello}9", apart);
  expect_inflated(text(hello, packed) + text(hello_again, packed), "text{Hello}9text{Hmalformed", apart);
  expect_inflated(text(hello_again, packed), "text{Hmalformed");
}

TEST(websocket_deflate, releases_its_memory_where_the_next_message_needs_no_context) {
  for (const websocket_deflate& deflate : {shared, apart}) {
    transcript out;
    websocket_decoder decoder(sender::server, deflate);
    decoder.release();
    ASSERT_TRUE(decoder.feed(text(hello.substr(0, 3), packed_part), out));
    decoder.release();  // in mid-message
    ASSERT_TRUE(decoder.feed(more(hello.substr(3)), out));
    decoder.release();
    ASSERT_TRUE(decoder.feed(text(deflate.keep_context ? hello_again : hello, packed), out));
    EXPECT_EQ(out.told, deflate.keep_context ? "text{Hello}11text{Hello}7" : "text{Hello}11text{Hello}9");
  }
}

TEST(websocket_deflate, marks_only_the_first_frame_of_a_message) {
  expect_inflated(text(hello.substr(0, 3), packed_part) + more(hello.substr(3), packed), "text{Hemalformed");
  for (const unsigned opcode : {8u, 9u, 10u}) expect_inflated(head(opcode, 0, 0, packed), "malformed");
  expect_inflated(text("x", {.rsv = 6}), "malformed");
}

TEST(websocket_deflate, of_a_message_that_is_cut_or_more_than_one_says_malformed) {
  expect_inflated(text(hello.substr(0, 4), packed), "text{Helhmalformed");
  expect_inflated(text("", packed), "text{malformed");
  expect_inflated(text(hello_final.substr(0, 7), packed), "text{Hellomalformed");
  expect_inflated(text(hello + std::string(deflate_tail), packed), "text{Hellomalformed");
  expect_inflated(text(hello + "\x55"s, packed), "text{Hellomalformed");
  expect_inflated(text("\xff garbage", packed), "text{malformed");
}

TEST(websocket_deflate, counts_what_comes_out_of_a_message) {
  const websocket_limits limits{.message = 5};
  expect_inflated(text(hello, packed) + text(hello_again, packed), "text{Hello}9text{Hello}7", shared, limits);
  websocket_decoder decoder(sender::server, shared, {.message = 1 << 20});
  std::string bytes;
  websocket_encoder encoder(shared);
  encoder.encode(websocket_opcode::text, true, std::string(1 << 20, 'x'), std::nullopt, bytes);
  gauge out;
  ASSERT_TRUE(decoder.feed(bytes, out));
  EXPECT_EQ(out.bytes, 1u << 20);
  bytes.clear();
  encoder.encode(websocket_opcode::text, true, std::string((1 << 20) + 1, 'x'), std::nullopt, bytes);
  EXPECT_EQ(words(decoder.feed(bytes, out)), "too large");
  EXPECT_LE(out.bytes, 2u << 20);
}

TEST(websocket_deflate, stops_a_bomb_before_it_costs_more_than_a_block) {
  std::string bomb;
  websocket_encoder(shared).encode(websocket_opcode::binary, true, std::string(64 << 20, '\0'), std::nullopt, bomb);
  gauge out;
  websocket_decoder decoder(sender::server, shared);
  EXPECT_EQ(words(decoder.feed(bomb, out)), "too dense");
  EXPECT_LE(out.bytes, websocket_limits().block);
  EXPECT_EQ(out.messages, 0u);
}

TEST(websocket_deflate, does_not_let_many_small_bombs_pass_either) {
  std::string bytes;
  websocket_encoder encoder(apart);
  gauge out;
  websocket_decoder decoder(sender::server, apart);
  std::string fed;
  std::size_t sent = 0;
  for (int i = 0; i < 100 && fed.empty(); ++i) {
    bytes.clear();
    encoder.encode(websocket_opcode::text, true, std::string(1 << 20, 'x'), std::nullopt, bytes);
    sent += bytes.size();
    fed = words(decoder.feed(bytes, out));
  }
  EXPECT_EQ(fed, "too dense");
  EXPECT_LE(out.bytes, websocket_limits().block + sent * websocket_limits().ratio);
}

TEST(websocket_deflate, spends_on_reading_what_it_inflated) {
  std::string bytes;
  websocket_encoder(shared).encode(websocket_opcode::text, true, std::string(1 << 20, ' '), std::nullopt, bytes);
  gauge out;
  out.cost = 1 << 20;
  websocket_decoder decoder(sender::server, shared);
  EXPECT_EQ(words(decoder.feed(bytes, out)), "too dense");
  EXPECT_LE(out.bytes, 5 * websocket_decoder::piece_size);
}

TEST(websocket_deflate, lets_the_events_of_a_long_socket_pass) {
  websocket_encoder encoder(shared);
  websocket_decoder decoder(sender::server, shared);
  gauge out;
  std::size_t size = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes;
    const std::string event = R"({"type":"response.output_text.delta","item_id":"msg_0123456789","output_index":0,)"
                              R"("content_index":0,"delta":"word","sequence_number":)" +
                              std::to_string(i) + "}";
    encoder.encode(websocket_opcode::text, true, event, std::nullopt, bytes);
    size += event.size();
    ASSERT_TRUE(decoder.feed(bytes, out));
  }
  EXPECT_EQ(out.bytes, size);
  EXPECT_EQ(out.messages, 20'000u);
}

/// Both directions of a socket as a coding agent and its provider fill them: turns of one large message and many small
/// ones, fragments, controls between them, every length, compressed and not.
struct recording {
  sender who;
  websocket_deflate deflate;
  std::string bytes;
  std::string told;
};

recording record(sender who, websocket_deflate deflate, std::mt19937& random, std::size_t largest) {
  recording made{who, deflate, {}, {}};
  websocket_encoder encoder(deflate);
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
  const auto frame_of = [&](websocket_opcode opcode, bool fin, std::string_view payload) {
    std::optional<websocket_mask> key;
    if (who == sender::client) {
      key.emplace();
      for (char& each : *key) each = static_cast<char>(below(256));
    }
    const std::size_t before = made.bytes.size();
    encoder.encode(opcode, fin, payload, key, made.bytes);
    return made.bytes.size() - before;
  };
  for (std::size_t message = 0; message < 6; ++message) {
    const bool is_text = below(4) != 0;
    std::size_t wire = 0;
    made.told += is_text ? "text{" : "binary{";
    const std::size_t fragments = 1 + below(3);
    for (std::size_t i = 0; i < fragments; ++i) {
      std::string payload;
      for (const std::size_t size = below(largest); payload.size() < size;) {
        payload += R"({"type":"response.create","n":)" + std::to_string(below(1000)) + "}";
      }
      const auto opcode = i != 0    ? websocket_opcode::continuation
                          : is_text ? websocket_opcode::text
                                    : websocket_opcode::binary;
      wire += frame_of(opcode, i + 1 == fragments, payload);
      made.told += payload;
      if (i + 1 == fragments || below(2) == 0) continue;
      frame_of(websocket_opcode::ping, true, "in between");
      made.told += "<ping:in between>";
    }
    made.told += "}" + std::to_string(wire);
  }
  frame_of(websocket_opcode::close, true, close_payload(1000, "bye"));
  made.told += "<close:" + close_payload(1000, "bye") + ">";
  return made;
}

TEST(websocket_decoder, tells_the_same_of_a_recorded_socket_however_it_is_cut) {
  std::mt19937 random(6455);
  for (const sender who : {sender::client, sender::server}) {
    for (const websocket_deflate& deflate : {websocket_deflate{}, shared, apart, websocket_deflate{true, 9, true}}) {
      const recording small = record(who, deflate, random, 150);
      expect_decoded(small.bytes, small.told, who, deflate);
      const recording large = record(who, deflate, random, 100'000);
      for (int i = 0; i < 30; ++i) {
        support::pieces cut;
        std::string_view rest = large.bytes;
        const std::size_t most = std::size_t{1} << (4 + i % 13);
        while (!rest.empty()) {
          cut.push_back(rest.substr(0, std::uniform_int_distribution<std::size_t>(1, most)(random)));
          rest.remove_prefix(cut.back().size());
        }
        ASSERT_TRUE(decode(cut, who, deflate) == large.told) << support::describe(cut);
      }
    }
  }
}

}  // namespace
}  // namespace net::wire
