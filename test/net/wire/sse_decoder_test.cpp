#include "net/wire/sse_decoder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/support/split.hpp"

namespace net::wire {
namespace {

/// Writes down every event as "name|data".
class recorder final : public sse_decoder::sink {
 public:
  void on_data(std::string_view piece) override {
    EXPECT_FALSE(piece.empty());
    data_ += piece;
  }
  void on_dispatch(std::string_view event) override {
    events.push_back(std::string(event) + "|" + data_);
    data_.clear();
  }

  std::vector<std::string> events;

 private:
  std::string data_;
};

using events = std::vector<std::string>;

events decode(const support::pieces& cut, bool finish) {
  recorder recorded;
  sse_decoder decoder(recorded);
  for (const std::string_view piece : cut) decoder.feed(piece);
  if (finish) decoder.finish();
  return recorded.events;
}

void expect_over_all_splits(const std::string& input, const events& expected, bool finish = false) {
  support::for_each_split(input, [&](const support::pieces& cut) {
    EXPECT_EQ(decode(cut, finish), expected) << input << " " << support::describe(cut);
  });
}

TEST(sse_decoder, an_event_is_its_data_up_to_the_empty_line) {
  expect_over_all_splits("data: {\"a\":1}\n\ndata: {\"b\":2}\n\n", {"|{\"a\":1}", "|{\"b\":2}"});
}

TEST(sse_decoder, line_ends_may_be_crlf_or_cr_or_mixed) {
  expect_over_all_splits("data: a\r\n\r\ndata: b\r\n\r\n", {"|a", "|b"});
  expect_over_all_splits("data: a\r\rdata: b\r\r", {"|a", "|b"});
  expect_over_all_splits("data: a\n\r\ndata: b\r\ndata: c\r\r\ndata: d\n\r", {"|a", "|b\nc", "|d"});
}

TEST(sse_decoder, data_lines_of_one_event_are_joined_by_lf) {
  expect_over_all_splits("data: a\ndata: b\r\ndata\ndata:\ndata: c\n\n", {"|a\nb\n\n\nc"});
}

TEST(sse_decoder, one_space_behind_the_colon_is_not_part_of_the_value) {
  expect_over_all_splits("data:a\n\ndata:  b \n\ndata: \n\ndata:\tc\n\n", {"|a", "| b ", "|", "|\tc"});
}

TEST(sse_decoder, an_event_has_the_name_of_its_last_event_line) {
  expect_over_all_splits("event: x\nevent:y\ndata: 1\n\ndata: 2\n\ndata: 3\nevent: z\n\n", {"y|1", "|2", "z|3"});
  expect_over_all_splits("event: x\nevent\ndata: 1\n\n", {"|1"});
}

TEST(sse_decoder, an_event_without_data_is_dropped_and_its_name_with_it) {
  expect_over_all_splits("event: ping\n\n\n\ndata: 1\n\n", {"|1"});
}

TEST(sse_decoder, data_without_value_is_an_event_all_the_same) {
  expect_over_all_splits("data\n\ndata:\n\n", {"|", "|"});
}

TEST(sse_decoder, comments_and_other_fields_mean_nothing) {
  expect_over_all_splits(
      ": data: x\nid: 7\nretry: 1\ndat: x\ndataa: x\nevents: x\nDATA: x\n data: x\nfoo\ndata: 1\n:\n\n", {"|1"});
}

TEST(sse_decoder, colons_inside_a_value_belong_to_it) {
  expect_over_all_splits("data: a: b:c\nevent: d:e\n\n", {"d:e|a: b:c"});
}

TEST(sse_decoder, a_byte_order_mark_at_the_very_start_is_skipped) {
  expect_over_all_splits(
      "\xef\xbb\xbf"
      "data: a\n\n\xef\xbb\xbf"
      "data: b\n\n",
      {"|a"});
  expect_over_all_splits(
      "\xef\xbb"
      "data: a\n\ndata: b\n\n",
      {"|b"});
  expect_over_all_splits("\xef\ndata: b\n\n", {"|b"});
}

TEST(sse_decoder, a_utf_8_sequence_cut_in_two_stays_what_it_was) {
  expect_over_all_splits("data: \xe2\x82\xac\xf0\x9f\x98\x80\n\n", {"|\xe2\x82\xac\xf0\x9f\x98\x80"});
}

TEST(sse_decoder, nul_and_other_controls_pass) {
  using namespace std::string_literals;
  expect_over_all_splits("data: a\0b\x01\n\n"s, {"|a\0b\x01"s});
}

TEST(sse_decoder, an_unfinished_event_waits) {
  expect_over_all_splits("data: a\n\ndata: b\n", {"|a"});
}

TEST(sse_decoder, the_end_dispatches_an_event_with_data_that_lacks_its_empty_line) {
  expect_over_all_splits("data: a\n\nevent: x\ndata: b\n", {"|a", "x|b"}, true);
  expect_over_all_splits("data: b", {"|b"}, true);
  expect_over_all_splits("data: a\ndata: b\r", {"|a\nb"}, true);
  expect_over_all_splits("data: a\n\nevent: x\n", {"|a"}, true);
  expect_over_all_splits("data: a\n\nda", {"|a"}, true);
}

TEST(sse_decoder, starts_afresh_after_the_end) {
  recorder recorded;
  sse_decoder decoder(recorded);
  decoder.feed("event: x\ndat");
  decoder.finish();
  decoder.feed(
      "\xef\xbb\xbf"
      "data: a\n\n");
  EXPECT_EQ(recorded.events, events{"|a"});
}

TEST(sse_decoder, a_long_event_name_is_cut) {
  const std::string name(sse_decoder::max_event_name, 'n');
  expect_over_all_splits("event: " + name + "more\ndata: a\n\n", {name + "|a"});
}

TEST(sse_decoder, an_event_of_any_size_comes_in_views_of_the_input) {
  class viewer final : public sse_decoder::sink {
   public:
    void on_data(std::string_view piece) override { seen = piece; }
    void on_dispatch(std::string_view) override {}
    std::string_view seen;
  } viewed;
  sse_decoder decoder(viewed);
  const std::string input = "data: " + std::string(1 << 20, 'x');
  decoder.feed(input);
  EXPECT_EQ(viewed.seen.data(), input.data() + 6);
  EXPECT_EQ(viewed.seen.size(), 1u << 20);
}

}  // namespace
}  // namespace net::wire
