#include "mitm/rewrite/websocket_cutter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/support/split.hpp"
#include "test/support/websocket_frames.hpp"

namespace {

namespace ws = support::websocket;
using mitm::websocket_cutter;

/// `1"…"` for a frame with opcode 1, `+` behind one that is not the last of its message, `|` between two messages.
std::string told(const support::pieces& cut) {
  websocket_cutter cutter;
  std::string all;
  std::string frame;
  for (std::string_view input : cut) {
    while (!input.empty()) {
      const auto piece = cutter.next(input);
      EXPECT_EQ(piece.begins, frame.empty());
      frame += piece.bytes;
      if (!piece.ends) continue;
      all += std::to_string(static_cast<int>(piece.opcode)) + (piece.fin ? "" : "+") + std::to_string(frame.size());
      all += cutter.between_messages() ? "|" : " ";
      frame.clear();
    }
  }
  return all + frame;
}

void expect_cut(const std::string& bytes, const std::string& expected) {
  support::for_each_split(
      bytes, [&](const support::pieces& cut) { ASSERT_EQ(told(cut), expected) << support::describe(cut); });
}

TEST(websocket_cutter, finds_the_ends_of_frames_however_the_bytes_are_cut) {
  expect_cut(ws::text("hello") + ws::text("") + ws::binary("x"), "17|12|23|");
  expect_cut(ws::text("hello", ws::from_client({})) + ws::text("", ws::from_client({})), "111|16|");
}

TEST(websocket_cutter, knows_lengths_of_every_size) {
  const auto ends = [](std::size_t size, ws::form how) {
    const std::string bytes = ws::text(std::string(size, 'a'), how);
    return told({bytes});
  };
  EXPECT_EQ(ends(125, {}), "1127|");
  EXPECT_EQ(ends(126, {}), "1130|");
  EXPECT_EQ(ends(65'535, ws::from_client({})), "165543|");
  EXPECT_EQ(ends(65'536, ws::from_client({})), "165550|");
}

TEST(websocket_cutter, a_message_is_open_from_its_first_frame_to_its_last) {
  expect_cut(ws::text("a", ws::part) + ws::ping("p") + ws::more("b", ws::part) + ws::more("c") + ws::ping("q"),
             "1+3 93 0+3 03|93|");
}

TEST(websocket_cutter, inside_a_frame_is_not_between_messages) {
  websocket_cutter cutter;
  const std::string frame = ws::ping("hi");
  for (std::size_t at = 0; at + 1 < frame.size(); ++at) {
    std::string_view byte = std::string_view(frame).substr(at, 1);
    cutter.next(byte);
    EXPECT_FALSE(cutter.between_messages()) << at;
  }
}

}  // namespace
