#include "net/wire/body_decoder.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/support/split.hpp"

namespace net::wire {
namespace {

using kind = body_framing::kind;

struct decoded {
  std::string body;
  std::string rest;  // what the next message begins with
  bool done = false;

  bool operator==(const decoded&) const = default;
};

decoded decode(body_decoder& decoder, const support::pieces& cut) {
  decoded all;
  for (std::string_view piece : cut) {
    while (!piece.empty() && !decoder.done()) {
      const auto step = decoder.feed(piece).value();
      all.body += step.body;
      piece.remove_prefix(step.consumed);
    }
    all.rest += piece;
  }
  all.done = decoder.done();
  return all;
}

struct row {
  body_framing framing;
  std::string input;
  decoded expected;
};

TEST(body_decoder, finds_the_end_of_each_kind_of_body_over_all_splits) {
  for (const row& each : std::initializer_list<row>{
           {{kind::none, 0}, "next", {"", "next", true}},
           {{kind::length, 0}, "next", {"", "next", true}},
           {{kind::length, 3}, "abcnext", {"abc", "next", true}},
           {{kind::length, 9}, "abc", {"abc", "", false}},
           {{kind::chunked, 0}, "3\r\nabc\r\n0\r\n\r\nnext", {"abc", "next", true}},
           {{kind::until_close, 0}, "abc", {"abc", "", false}},
       }) {
    support::for_each_split(each.input, [&](const support::pieces& cut) {
      body_decoder decoder;
      decoder.begin(each.framing);
      EXPECT_EQ(decode(decoder, cut), each.expected) << each.input << " " << support::describe(cut);
    });
  }
}

TEST(body_decoder, begins_afresh_with_each_message) {
  body_decoder decoder;
  for (int i = 0; i < 2; ++i) {
    decoder.begin({kind::chunked, 0});
    EXPECT_EQ(decode(decoder, {"1\r\na\r\n0\r\n\r\n"}), (decoded{"a", "", true}));
  }
  decoder.begin({kind::chunked, 0});
  EXPECT_EQ(decoder.feed("x").error(), errc::malformed);
  decoder.begin({kind::length, 1});
  EXPECT_EQ(decode(decoder, {"bc"}), (decoded{"b", "c", true}));
}

TEST(body_decoder, knows_which_body_an_end_of_the_connection_completes) {
  body_decoder decoder;
  EXPECT_FALSE(decoder.lasts_until_close());
  decoder.begin({kind::until_close, 0});
  EXPECT_TRUE(decoder.lasts_until_close());
}

}  // namespace
}  // namespace net::wire
