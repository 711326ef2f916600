#include "test/sim/digest.hpp"

#include <array>
#include <stdexcept>

#include "net/text/hex.hpp"

namespace sim {

digest::digest() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available");
}

void digest::add(std::string_view bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw std::runtime_error("SHA-256 failed");
}

std::string digest::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_.get(), raw.data(), &size) != 1) throw std::runtime_error("SHA-256 failed");
  return net::text::to_hex(std::span(raw).first(size));
}

}  // namespace sim
