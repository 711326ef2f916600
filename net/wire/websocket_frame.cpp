#include "net/wire/websocket_frame.hpp"

#include <cstring>

namespace net::wire {

void apply_mask(const websocket_mask& mask, std::uint64_t offset, std::string_view from, char* to) noexcept {
  std::array<char, sizeof(std::uint64_t)> turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(offset + i) % mask.size()];
  std::uint64_t key;
  std::memcpy(&key, turned.data(), sizeof(key));
  std::size_t at = 0;
  for (; at + sizeof(key) <= from.size(); at += sizeof(key)) {
    std::uint64_t word;
    std::memcpy(&word, from.data() + at, sizeof(word));
    word ^= key;
    std::memcpy(to + at, &word, sizeof(word));
  }
  for (; at < from.size(); ++at) to[at] = static_cast<char>(from[at] ^ turned[at % turned.size()]);
}

}  // namespace net::wire
