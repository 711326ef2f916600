#include "app/base/random_id.hpp"

#include <array>

#include <openssl/rand.h>

#include "net/text/hex.hpp"

namespace app {

std::string random_id(std::string_view prefix) {
  std::array<unsigned char, 16> random{};
  RAND_bytes(random.data(), random.size());  // ids need only differ, so a failure is harmless
  return std::string(prefix) + net::text::to_hex(random);
}

}  // namespace app
