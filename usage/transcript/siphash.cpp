#include "usage/transcript/siphash.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace usage {
namespace {

constexpr std::size_t word_size = sizeof(std::uint64_t);

std::uint64_t little(std::uint64_t word) noexcept {
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

std::uint64_t word_at(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, word_size);
  return little(word);
}

}  // namespace

siphash::siphash(const hash_key& key) noexcept
    : v0_(key[0] ^ 0x736f6d6570736575),
      v1_(key[1] ^ 0x646f72616e646f6d),
      v2_(key[0] ^ 0x6c7967656e657261),
      v3_(key[1] ^ 0x7465646279746573) {}

void siphash::round() noexcept {
  v0_ += v1_;
  v1_ = std::rotl(v1_, 13) ^ v0_;
  v0_ = std::rotl(v0_, 32);
  v2_ += v3_;
  v3_ = std::rotl(v3_, 16) ^ v2_;
  v0_ += v3_;
  v3_ = std::rotl(v3_, 21) ^ v0_;
  v2_ += v1_;
  v1_ = std::rotl(v1_, 17) ^ v2_;
  v2_ = std::rotl(v2_, 32);
}

void siphash::compress(std::uint64_t word) noexcept {
  v3_ ^= word;
  round();
  round();
  v0_ ^= word;
}

void siphash::add(std::string_view bytes) noexcept {
  const std::size_t held = length_ % word_size;
  length_ += bytes.size();
  if (held != 0) {
    const std::size_t taken = std::min(word_size - held, bytes.size());
    for (std::size_t i = 0; i < taken; ++i)
      rest_ |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * (held + i));
    bytes.remove_prefix(taken);
    if (held + taken != word_size) return;
    compress(rest_);
    rest_ = 0;
  }
  // Beside the loop's locals, the state would be stored and loaded again for each word.
  siphash fast = *this;
  for (; bytes.size() >= word_size; bytes.remove_prefix(word_size)) fast.compress(word_at(bytes.data()));
  *this = fast;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    rest_ |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
}

void siphash::add(std::uint64_t word) noexcept {
  const std::uint64_t bytes = little(word);
  add({reinterpret_cast<const char*>(&bytes), word_size});
}

std::uint64_t siphash::end() noexcept {
  compress(rest_ | length_ << 56);
  v2_ ^= 0xff;
  for (int i = 0; i < 4; ++i) round();
  return v0_ ^ v1_ ^ v2_ ^ v3_;
}

}  // namespace usage
