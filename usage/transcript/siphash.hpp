#pragma once

// SipHash-2-4 (Aumasson, Bernstein), 64 bits: a hash with a key, of a text that comes in pieces. Who does not have the
// key can neither guess a text from its hash nor make two texts with the same hash.

#include <array>
#include <cstdint>
#include <string_view>

namespace usage {

using hash_key = std::array<std::uint64_t, 2>;

class siphash {
 public:
  explicit siphash(const hash_key& key) noexcept;

  void add(std::string_view bytes) noexcept;
  /// Its eight bytes, the lowest first.
  void add(std::uint64_t word) noexcept;
  /// Call once.
  std::uint64_t end() noexcept;

 private:
  void round() noexcept;
  void compress(std::uint64_t word) noexcept;

  std::uint64_t v0_, v1_, v2_, v3_;
  std::uint64_t rest_ = 0;    // bytes that do not fill a word yet
  std::uint64_t length_ = 0;  // of everything
};

}  // namespace usage
