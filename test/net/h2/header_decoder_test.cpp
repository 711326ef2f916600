#include "net/h2/header_decoder.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/support/h2_frames.hpp"
#include "test/support/split.hpp"

namespace net::h2 {
namespace {

using namespace support;
using net::wire::errc;

constexpr header_decoder::limits bounds{512, 8192};

/// A whole block; the head, or the error's words.
std::string decoded(header_decoder& decoder, const pieces& cut) {
  for (std::size_t i = 0; i < cut.size(); ++i) {
    const auto fed = decoder.feed(std::string(cut[i]), i + 1 == cut.size());
    if (!fed) return fed.error() == errc::too_large ? "too large" : "malformed";
  }
  const message_head& head = decoder.head();
  return (head.malformed ? "bad " : "") + head.method + "|" + head.path + "|" + head.authority + "|" + head.protocol +
         "|" + std::to_string(head.status) + "|" + head.lines;
}
std::string decoded(header_decoder& decoder, const std::string& block) {
  return decoded(decoder, pieces{block});
}
std::string decoded(const h2_fields& fields) {
  header_decoder decoder(bounds);
  return decoded(decoder, hpack_encoder().block(fields));
}

TEST(header_decoder, makes_a_head_of_a_block_however_it_is_cut) {
  hpack_encoder encoder;
  h2_fields fields = post_fields("/v1/messages");
  fields.emplace_back("x-session-id", "7");
  const std::string block = encoder.block(fields);
  for_each_split(block, [&](const pieces& cut) {
    header_decoder decoder(bounds);
    EXPECT_EQ(decoded(decoder, cut), "POST|/v1/messages|api.test||0|x-session-id: 7\r\n") << describe(cut);
  });
}

TEST(header_decoder, reads_later_blocks_by_the_table_of_earlier_ones) {
  hpack_encoder encoder;
  header_decoder decoder(bounds);
  const h2_fields fields{{":status", "200"}, {"x-request-id", "a-rather-long-value"}};
  const std::string first = encoder.block(fields);
  const std::string second = encoder.block(fields);
  EXPECT_LT(second.size(), 4u) << "both fields are indexed by now";
  EXPECT_EQ(decoded(decoder, first), decoded(decoder, second));
  EXPECT_EQ(decoder.head().lines, "x-request-id: a-rather-long-value\r\n");
}

TEST(header_decoder, follows_a_table_that_grows_and_shrinks) {
  hpack_encoder encoder;
  header_decoder decoder(bounds);
  const h2_fields fields{{":status", "200"}, {"x-request-id", "a-rather-long-value"}};
  for (const std::uint32_t size : {8192u, 0u, 100u, 4096u}) {
    decoder.allow_table(size);
    encoder.resize(size);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(decoded(decoder, encoder.block(fields)), "||||200|x-request-id: a-rather-long-value\r\n") << size;
    }
  }
}

TEST(header_decoder, reads_the_blocks_of_a_sender_that_keeps_the_size_it_was_to_give_up_to_itself) {
  hpack_encoder encoder;
  header_decoder decoder(bounds);
  decoder.allow_table(0);
  EXPECT_EQ(decoded(decoder, encoder.block(status_fields("200"))), "||||200|");
}

TEST(header_decoder, allows_a_larger_table_from_the_next_block_on) {
  hpack_encoder encoder;
  header_decoder decoder(bounds);
  const std::string block = encoder.block(status_fields("200"));
  ASSERT_TRUE(decoder.feed(block.substr(0, 0), false));
  decoder.allow_table(8192);
  EXPECT_EQ(decoded(decoder, block), "||||200|");
  encoder.resize(8192);
  EXPECT_EQ(decoded(decoder, encoder.block(status_fields("200"))), "||||200|");
}

TEST(header_decoder, refuses_a_table_beyond_its_limit) {
  hpack_encoder encoder;
  header_decoder decoder(bounds);
  decoder.allow_table(1 << 20);
  encoder.resize(bounds.table);
  EXPECT_EQ(decoded(decoder, encoder.block(status_fields("200"))), "||||200|") << "what the limit allows is followed";
  encoder.resize(bounds.table + 1);
  EXPECT_EQ(decoded(decoder, encoder.block(status_fields("200"))), "too large");
}

TEST(header_decoder, refuses_a_list_beyond_its_limit) {
  const std::string value(bounds.list - 20, 'v');
  EXPECT_EQ(decoded({{"name", value}}).substr(0, 10), "||||0|name");
  EXPECT_EQ(decoded({{"name", value}, {"another", "more"}}), "too large");
}

TEST(header_decoder, refuses_a_short_block_that_unfolds_to_a_long_list) {
  hpack_encoder encoder;
  header_decoder decoder(bounds);
  const h2_fields fields{{"x", std::string(100, 'v')}};
  EXPECT_NE(decoded(decoder, encoder.block(fields)), "too large");
  std::string bomb;
  for (int i = 0; i < 20; ++i) bomb += encoder.block(fields);
  EXPECT_LT(bomb.size(), 100u);
  EXPECT_EQ(decoded(decoder, bomb), "too large");
}

TEST(header_decoder, of_bytes_that_are_no_block_says_malformed) {
  header_decoder decoder(bounds);
  EXPECT_EQ(decoded(decoder, "\xff\xff\xff\xff\xff\xff"), "malformed");
  header_decoder cut_off(bounds);
  EXPECT_EQ(decoded(cut_off, hpack_encoder().block(get_fields("/a")).substr(0, 5)), "malformed");
}

TEST(header_decoder, marks_what_no_reader_may_take_for_a_message) {
  for (const h2_fields& fields :
       std::initializer_list<h2_fields>{{{":status", "200"}, {"x", "a\r\nx-session-id: forged"}},
                                        {{":status", "200"}, {"x", std::string("a\0b", 3)}},
                                        {{":status", "200"}, {"Upper", "case"}},
                                        {{":status", "200"}, {"sp ace", "x"}},
                                        {{":status", "200"}, {"a:b", "x"}},
                                        {{":status", "200"}, {":status", "200"}},
                                        {{":status", "2x0"}},
                                        {{":status", "020"}},
                                        {{":unknown", "x"}},
                                        {{"a", "b"}, {":status", "200"}},
                                        {{":method", "GET"}, {":path", "/a b"}},
                                        {{":method", "GET"}, {":path", ""}}}) {
    EXPECT_EQ(decoded(fields).substr(0, 4), "bad ") << fields.back().first << ": " << fields.back().second;
  }
}

TEST(header_decoder, holds_nothing_of_a_head_that_was_released) {
  header_decoder decoder(bounds);
  decoded(decoder, hpack_encoder().block({{":status", "200"}, {"x", std::string(400, 'v')}}));
  decoder.release();
  EXPECT_EQ(decoder.head().status, 0u);
  EXPECT_LT(decoder.head().lines.capacity(), 100u);
}

}  // namespace
}  // namespace net::h2
