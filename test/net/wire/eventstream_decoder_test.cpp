#include "net/wire/eventstream_decoder.hpp"

#include <gmock/gmock.h>

#include <memory>

#include "test/support/eventstream.hpp"
#include "test/support/split.hpp"

namespace net::wire {
namespace {

using namespace support;
using namespace std::string_literals;
using type = eventstream_header::type;

class recorder final : public eventstream_decoder::sink {
 public:
  void on_message(const eventstream_headers& headers) override {
    told += "[";
    for (const auto& header : headers) {
      told.append(header.name).append("=").append(std::to_string(static_cast<int>(header.kind)));
      told.append(":").append(header.bytes.empty() ? std::to_string(header.number) : std::string(header.bytes));
      told += ";";
    }
    told += "]";
  }
  void on_payload(std::string_view piece) override {
    EXPECT_FALSE(piece.empty());
    told += piece;
  }
  void on_message_end() override { told += ".\n"; }

  std::string told;
};

struct outcome {
  std::string told;
  result<void> verdict;
  bool between;
};

outcome decode(const pieces& cut) {
  eventstream_decoder decoder;
  recorder heard;
  result<void> verdict{};
  for (const auto piece : cut) {
    const std::unique_ptr<char[]> block(new char[piece.size()]);  // gone after the call, as a block of the relay is
    std::copy(piece.begin(), piece.end(), block.get());
    verdict = decoder.feed({block.get(), piece.size()}, heard);
  }
  return {heard.told, verdict, decoder.between_messages()};
}

std::string all_types() {
  return eventstream_field("t", 0, "") + eventstream_field("f", 1, "") + eventstream_field("b", 2, "\xff") +
         eventstream_field("s", 3, "\x80\x00"s) + eventstream_field("i", 4, "\x7f\xff\xff\xff") +
         eventstream_field("l", 5, "\xff\xff\xff\xff\xff\xff\xff\xfe") + eventstream_field("y", 6, "\x00\x02\x01z"s) +
         eventstream_text("x", "text") + eventstream_field("w", 8, "\x00\x00\x01\x8f\x00\x00\x00\x00"s) +
         eventstream_field("u", 9, "0123456789abcdef");
}

TEST(eventstream_decoder, reads_the_vectors_of_other_implementations) {
  EXPECT_EQ(decode({"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff"s}).told, "[].\n");
  EXPECT_EQ(decode({"\x00\x00\x00\x1d\x00\x00\x00\x00\xfd\x52\x8c\x5a{'foo':'bar'}\xc3\x65\x39\x36"s}).told,
            "[]{'foo':'bar'}.\n");
}

TEST(eventstream_decoder, reads_messages_with_every_type_of_header_over_all_splits) {
  const std::string input = eventstream_message(all_types(), "payload") +
                            eventstream_event("event", "chunk", R"({"bytes":"e30="})") +
                            eventstream_message(all_types(), "") + eventstream_message("", "last");
  const std::string types =
      "[t=0:0;f=1:0;b=2:-1;s=3:-32768;i=4:2147483647;l=5:-2;y=6:\x01z;x=7:text;w=8:1713691951104;"
      "u=9:0123456789abcdef;]";
  const std::string told = types + "payload.\n[:event-type=7:chunk;:content-type=7:application/json;" +
                           ":message-type=7:event;]{\"bytes\":\"e30=\"}.\n" + types + ".\n[]last.\n";
  for_each_split(input, [&](const pieces& cut) {
    const auto seen = decode(cut);
    EXPECT_FALSE(seen.verdict.has_error()) << describe(cut);
    EXPECT_EQ(seen.told, told) << describe(cut);
    EXPECT_TRUE(seen.between) << describe(cut);
  });
}

TEST(eventstream_decoder, finds_a_text_header_by_its_name) {
  const auto headers = all_types() + eventstream_text(":event-type", "metadata");
  const auto parsed = eventstream_headers::parse(headers).value();
  EXPECT_EQ(parsed.text(":event-type"), "metadata");
  EXPECT_EQ(parsed.text("x"), "text");
  EXPECT_EQ(parsed.text("y"), "") << "bytes are no text";
  EXPECT_EQ(parsed.text("missing"), "");
}

TEST(eventstream_decoder, refuses_each_damaged_byte_over_all_splits_and_for_good) {
  const std::string whole = eventstream_event("event", "chunk", "{}");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    for_each_split(damaged + whole, [&](const pieces& cut) {
      const auto seen = decode(cut);
      EXPECT_EQ(seen.verdict.error(), errc::malformed) << at << " " << describe(cut);
      EXPECT_EQ(seen.told.find(".\n"), std::string::npos) << at << " no message is told as whole";
      EXPECT_FALSE(seen.between);
    });
    if (at < 12) EXPECT_EQ(decode({damaged}).told, "") << "the prelude's checksum comes first";
  }
}

TEST(eventstream_decoder, refuses_lengths_that_cannot_be) {
  const auto verdict = [](std::uint32_t size, std::uint32_t headers, std::string_view block) {
    return decode({eventstream_frame(size, headers, block, "")}).verdict.error();
  };
  EXPECT_EQ(verdict(15, 0, ""), errc::malformed) << "shorter than its own frame";
  EXPECT_EQ(verdict(0, 0, ""), errc::malformed);
  EXPECT_EQ(verdict(20, 5, "abcde"), errc::malformed) << "headers beyond the message";
  EXPECT_EQ(verdict(16, 0xffffffff, ""), errc::too_large);
  const std::string odd[] = {eventstream_text("", "no name"),
                             eventstream_field("n", 10, ""),
                             eventstream_field("n", 7, "\x00\x09short"s),
                             eventstream_field("n", 6, "\x01"),
                             eventstream_field("n", 5, "1234567"),
                             "\x05" + "abc"s,
                             eventstream_text("good", "") + "\x01n"};
  for (const auto& block : odd) EXPECT_EQ(decode({eventstream_message(block, "")}).verdict.error(), errc::malformed);
}

TEST(eventstream_decoder, takes_headers_and_payloads_up_to_their_limits) {
  const auto begin = [](std::uint64_t headers, std::uint64_t payload) {
    const auto frame = eventstream_frame(static_cast<std::uint32_t>(16 + headers + payload),
                                         static_cast<std::uint32_t>(headers), "", "");
    return decode({std::string_view(frame).substr(0, 12)}).verdict;
  };
  EXPECT_FALSE(begin(eventstream_decoder::max_headers, eventstream_decoder::max_payload).has_error());
  EXPECT_EQ(begin(eventstream_decoder::max_headers + 1, 0).error(), errc::too_large);
  EXPECT_EQ(begin(0, eventstream_decoder::max_payload + 1).error(), errc::too_large);
  std::string block;
  while (block.size() < eventstream_decoder::max_headers - 200)
    block += eventstream_text("name", std::string(100, 'x'));
  const std::string large = eventstream_message(block, std::string(1 << 20, 'p'));
  const auto seen = decode(pieces_of(large, 1000));
  EXPECT_FALSE(seen.verdict.has_error());
  EXPECT_TRUE(seen.told.ends_with("p.\n"));
}

TEST(eventstream_decoder, knows_that_a_cut_message_is_not_whole) {
  const std::string whole = eventstream_event("event", "chunk", "{}");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto seen = decode({std::string_view(whole).substr(0, size)});
    EXPECT_FALSE(seen.verdict.has_error());
    EXPECT_FALSE(seen.between) << size;
  }
  EXPECT_TRUE(decode({}).between);
}

}  // namespace
}  // namespace net::wire
