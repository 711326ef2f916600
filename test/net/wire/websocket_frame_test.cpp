#include "net/wire/websocket_frame.hpp"

#include <gtest/gtest.h>

#include <string>

namespace net::wire {
namespace {

constexpr websocket_mask key{'\x01', '\x80', '\x7f', '\xff'};

TEST(apply_mask, turns_each_byte_by_its_place_in_the_payload) {
  std::string payload;
  for (int i = 0; i < 100; ++i) payload += static_cast<char>(i * 7);
  for (std::size_t offset = 0; offset < 9; ++offset) {
    for (std::size_t size = 0; size + offset <= payload.size(); ++size) {
      std::string expected, masked(size, '\0');
      for (std::size_t i = offset; i < offset + size; ++i) expected += static_cast<char>(payload[i] ^ key[i % 4]);
      apply_mask(key, offset, std::string_view(payload).substr(offset, size), masked.data());
      ASSERT_EQ(masked, expected) << offset << " " << size;
      apply_mask(key, offset, masked, masked.data());
      ASSERT_EQ(masked, payload.substr(offset, size)) << "in place";
    }
  }
}

}  // namespace
}  // namespace net::wire
