#include "test/sim/language_server/unique_id.hpp"

#include <array>
#include <cstdint>

#include <openssl/rand.h>

#include "net/text/hex.hpp"

namespace sim::ls {

std::string unique_id() {
  std::array<unsigned char, 16> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string text = net::text::to_hex(bytes);
  for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
  return text;
}

}  // namespace sim::ls
