#include "net/wire/h2_frame_decoder.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/support/h2_frames.hpp"
#include "test/support/split.hpp"

namespace net::wire {
namespace {

using namespace support;
using sender = h2_frame_decoder::sender;

constexpr std::size_t continuations = 2;
constexpr unsigned padded = h2_flag::padded;
constexpr unsigned end_headers = h2_flag::end_headers;

/// What the decoder tells, one word per frame part; content pieces are put together again.
std::string decode(const pieces& cut, sender who) {
  h2_frame_decoder decoder(who, continuations);
  std::string told;
  for (const std::string_view piece : cut) {
    std::string copy(piece);
    std::string_view input = copy;
    while (!input.empty()) {
      const auto step = decoder.feed(input);
      if (!step) return told + (step.error() == errc::malformed ? "malformed" : "too large");
      EXPECT_GT(step->consumed, 0u);
      const h2_frame& f = decoder.frame();
      if (step->begins) {
        told += "[" + std::to_string(static_cast<int>(f.type)) + "/" + std::to_string(f.stream);
        if (f.other_stream != 0) told += "→" + std::to_string(f.other_stream);
        if (f.error != 0) told += "!" + std::to_string(f.error);
        told += " ";
      }
      told += step->content;
      if (step->has_setting) {
        told += std::to_string(decoder.setting().id) + "=" + std::to_string(decoder.setting().value) + " ";
      }
      if (step->ends) told += "]";
      input.remove_prefix(step->consumed);
    }
  }
  return told;
}

void expect_decoded(const std::string& input, const std::string& expected, sender who = sender::server) {
  for_each_split(input, [&](const pieces& cut) { EXPECT_EQ(decode(cut, who), expected) << describe(cut); });
}

TEST(h2_frame_decoder, finds_frames_behind_the_preface_of_a_client) {
  expect_decoded(h2_preface + data(1, "hi") + data(3, ""), "[0/1 hi][0/3 ]", sender::client);
  expect_decoded("GET / HTTP/1.1\r\n", "malformed", sender::client);
  expect_decoded(h2_preface.substr(0, 23) + "x", "malformed", sender::client);
}

TEST(h2_frame_decoder, takes_padding_and_priority_off_the_content) {
  expect_decoded(frame(h2_type::data, padded, 1, std::string("\3hello", 6) + std::string(3, '\0')), "[0/1 hello]");
  expect_decoded(frame(h2_type::data, padded, 1, std::string("\2", 1) + std::string(2, '\0')) + data(1, "x"),
                 "[0/1 ][0/1 x]");
  expect_decoded(
      frame(h2_type::headers, padded | h2_flag::priority | end_headers, 5, std::string("\1", 1) + "12345block0"),
      "[1/5 block]");
  expect_decoded(frame(h2_type::headers, h2_flag::priority | end_headers, 5, "12345block"), "[1/5 block]");
}

TEST(h2_frame_decoder, of_padding_that_is_longer_than_the_frame_says_malformed) {
  expect_decoded(frame(h2_type::data, padded, 1, std::string("\6hello", 6)), "malformed");
  expect_decoded(frame(h2_type::data, padded, 1, ""), "malformed");
  expect_decoded(frame(h2_type::headers, padded | h2_flag::priority, 1, "12345"), "malformed");
}

TEST(h2_frame_decoder, reads_what_resets_promises_and_goodbyes_carry) {
  expect_decoded(reset(7, 8), "[3/7!8 ]");
  expect_decoded(goaway(9, 2), "[7/0→9!2 ]");
  expect_decoded(frame(h2_type::push_promise, end_headers, 1, big_endian(0x80000002) + "block"), "[5/1→2 block]");
}

TEST(h2_frame_decoder, reads_settings_one_by_one) {
  expect_decoded(settings({{1, 4096}, {3, 100}, {1, 0}}) + settings() + settings_ack(),
                 "[4/0 1=4096 3=100 1=0 ][4/0 ][4/0 ]");
}

TEST(h2_frame_decoder, skips_frames_that_say_nothing_and_types_that_it_does_not_know) {
  expect_decoded(ping() + frame(h2_type::window_update, 0, 3, big_endian(5)) + frame(h2_type::priority, 0, 3, "12345") +
                     frame(h2_type(200), 0xff, 3, "whatever") + data(1, "x"),
                 "[6/0 ][8/3 ][2/3 ][200/3 ][0/1 x]");
}

TEST(h2_frame_decoder, ignores_the_reserved_bit_of_a_stream) {
  std::string sent = data(1, "x");
  sent[5] = '\x80';
  expect_decoded(sent, "[0/1 x]");
}

TEST(h2_frame_decoder, lets_nothing_come_between_the_frames_of_a_header_block) {
  const std::string open = frame(h2_type::headers, 0, 1, "a");
  const std::string goes_on = frame(h2_type::continuation, 0, 1, "b");
  const std::string last = frame(h2_type::continuation, end_headers, 1, "c");
  expect_decoded(open + goes_on + last + data(1, "x"), "[1/1 a][9/1 b][9/1 c][0/1 x]");
  expect_decoded(open + data(1, "x"), "[1/1 a]malformed");
  expect_decoded(open + ping(), "[1/1 a]malformed");
  expect_decoded(open + frame(h2_type::continuation, end_headers, 3, "c"), "[1/1 a]malformed");
  expect_decoded(last, "malformed");
}

TEST(h2_frame_decoder, bounds_the_continuations_of_each_block) {
  const std::string open = frame(h2_type::headers, 0, 1, "a");
  const std::string goes_on = frame(h2_type::continuation, 0, 1, "");
  const std::string last = frame(h2_type::continuation, end_headers, 1, "");
  expect_decoded(open + goes_on + last + open + goes_on + last, "[1/1 a][9/1 ][9/1 ][1/1 a][9/1 ][9/1 ]");
  expect_decoded(open + goes_on + goes_on + last, "[1/1 a][9/1 ][9/1 ]too large");
}

TEST(h2_frame_decoder, of_a_length_or_stream_that_no_peer_would_take_says_malformed) {
  for (const std::string& sent :
       {data(0, "x"), frame(h2_type::headers, end_headers, 0, "x"), frame(h2_type::rst_stream, 0, 1, "123"),
        frame(h2_type::rst_stream, 0, 0, "1234"), frame(h2_type::settings, 0, 0, "12345"),
        frame(h2_type::settings, 0, 1), frame(h2_type::settings, h2_flag::ack, 0, "123456"),
        frame(h2_type::ping, 0, 0, "1234567"), frame(h2_type::goaway, 0, 0, "1234567"),
        frame(h2_type::window_update, 0, 0, "123"), frame(h2_type::push_promise, end_headers, 1, "123")}) {
    expect_decoded(sent, "malformed");
  }
}

TEST(h2_frame_decoder, holds_no_content_however_long_the_frame_is) {
  h2_frame_decoder decoder(sender::server, continuations);
  const std::string head = big_endian(0xffffff, 3) + std::string("\0\0", 2) + big_endian(1);
  ASSERT_TRUE(decoder.feed(head)->begins);
  const std::string block(16 * 1024, 'x');
  std::size_t left = 0xffffff;
  while (left > block.size()) {
    const auto step = decoder.feed(block);
    ASSERT_TRUE(step);
    EXPECT_EQ(step->content.data(), block.data()) << "content is viewed, not copied";
    ASSERT_FALSE(step->ends);
    left -= step->content.size();
  }
  EXPECT_TRUE(decoder.feed(block)->ends);
}

}  // namespace
}  // namespace net::wire
