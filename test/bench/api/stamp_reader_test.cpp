#include "bench/api/stamp_reader.hpp"

#include <vector>

#include <gmock/gmock.h>

namespace {

using testing::ElementsAre;

std::vector<std::uint64_t> read_in_pieces(std::string_view text, std::size_t size) {
  std::vector<std::uint64_t> out;
  bench::stamp_reader reader;
  for (std::size_t at = 0; at < text.size(); at += size) {
    reader.feed(text.substr(at, size), [&](std::uint64_t stamp) { out.push_back(stamp); });
  }
  return out;
}

TEST(stamp_reader, finds_every_stamp_wherever_the_text_is_cut) {
  const std::string_view text = R"(data: {"object":"chat","at=":1,"delta":{"content":"t=12 t=345 "}} t= tt=6 x t=789)";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    EXPECT_THAT(read_in_pieces(text, size), ElementsAre(12, 345, 6)) << size;
  }
}

TEST(stamp_reader, waits_for_the_space_that_ends_a_stamp) {
  EXPECT_TRUE(read_in_pieces("t=123", 2).empty());
  EXPECT_THAT(read_in_pieces("t=123 ", 2), ElementsAre(123));
  EXPECT_TRUE(read_in_pieces("t=123\" t=99999999999999999999999 ", 3).empty());
}

}  // namespace
