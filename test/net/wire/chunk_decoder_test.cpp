#include "net/wire/chunk_decoder.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

#include "test/support/split.hpp"

namespace net::wire {
namespace {

struct decoded {
  std::string body;
  std::string rest;  // behind the last chunk
  std::optional<errc> error;
  bool done = false;

  bool operator==(const decoded&) const = default;
};

void PrintTo(const decoded& all, std::ostream* out) {
  *out << "body \"" << all.body << "\", rest \"" << all.rest << "\", "
       << (all.error  ? make_error_code(*all.error).message()
           : all.done ? "done"
                      : "not done");
}

decoded decode(const support::pieces& cut) {
  chunk_decoder decoder;
  decoded all;
  for (std::string_view piece : cut) {
    while (!piece.empty() && !decoder.done() && !all.error) {
      const auto step = decoder.feed(piece);
      if (!step) {
        all.error = static_cast<errc>(step.error().value());
        break;
      }
      EXPECT_GT(step->consumed, 0u);
      all.body += step->body;
      piece.remove_prefix(step->consumed);
    }
    if (decoder.done()) all.rest += piece;
  }
  all.done = decoder.done();
  return all;
}

void expect_over_all_splits(const std::string& input, const decoded& expected) {
  support::for_each_split(input, [&](const support::pieces& cut) {
    EXPECT_EQ(decode(cut), expected) << input << " " << support::describe(cut);
  });
}

decoded body(std::string text, std::string rest = {}) {
  return {std::move(text), std::move(rest), {}, true};
}
decoded error(errc code, std::string before = {}) {
  return {std::move(before), {}, code, false};
}

TEST(chunk_decoder, a_body_cut_anywhere_decodes_the_same) {
  expect_over_all_splits("5\r\nhello\r\n1\r\n \r\nB\r\nworld, chunk\r\n0\r\n\r\nnext",
                         error(errc::malformed, "hello world, chun"));
  expect_over_all_splits("5\r\nhello\r\n1\r\n \r\nc\r\nworld, chunk\r\n0\r\n\r\nnext",
                         body("hello world, chunk", "next"));
}

TEST(chunk_decoder, sizes_are_hexadecimal_in_any_case_with_leading_zeros) {
  expect_over_all_splits("00a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n", body("01234567890123456789"));
}

TEST(chunk_decoder, data_may_look_like_framing) {
  expect_over_all_splits("5\r\n0\r\n\r\n\r\n0\r\n\r\n", body("0\r\n\r\n"));
}

TEST(chunk_decoder, extensions_and_padding_are_skipped) {
  expect_over_all_splits("3;a=\"b;c\";d\r\nabc\r\n3 \t\r\ndef\r\n3 ; x\r\nghi\r\n0;last\r\n\r\n", body("abcdefghi"));
}

TEST(chunk_decoder, trailers_are_skipped) {
  expect_over_all_splits("1\r\na\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\nHTTP/1.1", body("a", "HTTP/1.1"));
}

TEST(chunk_decoder, lines_may_end_in_lf_alone) {
  expect_over_all_splits("3\nabc\n2;x\nde\r\n0\nX: y\n\nnext", body("abcde", "next"));
}

TEST(chunk_decoder, an_unfinished_body_is_not_done) {
  const std::string whole = "3\r\nabc\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode({whole.substr(0, size)}).done) << size;
  }
}

TEST(chunk_decoder, what_is_no_chunk_is_malformed) {
  for (const char* input :
       {"\r\n", " 3\r\nabc\r\n", "g\r\n", "-1\r\n", "0x3\r\nabc\r\n", ";x\r\n", "3 3\r\nabc\r\n", "3\rabc", "<html>"}) {
    expect_over_all_splits(input, error(errc::malformed));
  }
  expect_over_all_splits("3\r\nabcd\r\n", error(errc::malformed, "abc"));
  expect_over_all_splits("3\r\nabc\rx", error(errc::malformed, "abc"));
  expect_over_all_splits("0\r\n\rx", error(errc::malformed));
}

TEST(chunk_decoder, the_largest_size_is_taken_and_one_more_digit_is_not) {
  expect_over_all_splits("ffffffffffffffff\r\nabc", {"abc", "", {}, false});
  expect_over_all_splits("10000000000000000\r\nabc", error(errc::too_large));
}

TEST(chunk_decoder, a_size_line_over_the_limit_is_too_large) {
  const std::string longest = "1;" + std::string(chunk_decoder::max_line - 3, 'x') + "\n";
  for (const std::size_t size : {std::size_t{7}, longest.size() + 64}) {
    EXPECT_EQ(decode(support::pieces_of(longest + "a\r\n0\r\n\r\n", size)), body("a"));
    EXPECT_EQ(decode(support::pieces_of("1;x" + longest.substr(2) + "a", size)), error(errc::too_large));
  }
  EXPECT_EQ(decode({std::string(chunk_decoder::max_line + 1, '0')}), error(errc::too_large));
}

TEST(chunk_decoder, all_trailers_together_are_limited) {
  std::string trailers = "0\r\n";
  const std::string line = "X: " + std::string(1020, 'x') + "\n";  // 1 KiB
  for (std::size_t i = 0; i < chunk_decoder::max_line / line.size(); ++i) trailers += line;
  for (const std::size_t size : {std::size_t{7}, std::size_t{64 * 1024}}) {
    EXPECT_EQ(decode(support::pieces_of(trailers + "\r\n", size)), body(""));
    EXPECT_EQ(decode(support::pieces_of(trailers + "X:\n\r\n", size)), error(errc::too_large));
  }
}

TEST(chunk_decoder, body_pieces_view_the_input) {
  const std::string input = "5\r\nhello\r\n";
  chunk_decoder decoder;
  const auto step = decoder.feed(input).value();
  EXPECT_EQ(step.body.data(), input.data() + 3);
  EXPECT_EQ(step.consumed, 8u);
}

TEST(chunk_decoder, an_error_is_final) {
  chunk_decoder decoder;
  ASSERT_EQ(decoder.feed("x").error(), errc::malformed);
  EXPECT_EQ(decoder.feed("0\r\n\r\n").error(), errc::malformed);
  EXPECT_FALSE(decoder.done());
}

}  // namespace
}  // namespace net::wire
