#include "app/base/random_id.hpp"

#include <array>

#include <openssl/rand.h>

namespace app {

std::string random_id(std::string_view prefix) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::array<unsigned char, 16> random{};
  RAND_bytes(random.data(), random.size());  // only has to be different: a failure leaves no worse than an old stack
  std::string id(prefix);
  for (const auto byte : random) id.append({hex[byte >> 4], hex[byte & 15]});
  return id;
}

}  // namespace app
