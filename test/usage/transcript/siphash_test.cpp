#include "usage/transcript/siphash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace usage {
namespace {

// Key and texts of the reference's vectors.sh: bytes 0, 1, 2 … each.
constexpr hash_key reference_key{0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::string counting(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(i);
  return text;
}

std::uint64_t hash_of(std::string_view text, const hash_key& key = reference_key) {
  siphash hash(key);
  hash.add(text);
  return hash.end();
}

TEST(siphash, has_the_values_of_the_reference) {
  EXPECT_EQ(hash_of(""), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(hash_of(counting(1)), 0x74f839c593dc67fdu);
  EXPECT_EQ(hash_of(counting(7)), 0xab0200f58b01d137u);
  EXPECT_EQ(hash_of(counting(8)), 0x93f5f5799a932462u);
  EXPECT_EQ(hash_of(counting(15)), 0xa129ca6149be45e5u);  // the example of the paper
  EXPECT_EQ(hash_of(counting(63)), 0x958a324ceb064572u);
}

TEST(siphash, is_the_same_however_the_text_is_cut) {
  const std::string text = counting(40);
  for (std::size_t a = 0; a <= text.size(); ++a) {
    for (std::size_t b = a; b <= text.size(); ++b) {
      siphash hash(reference_key);
      hash.add(std::string_view(text).substr(0, a));
      hash.add(std::string_view(text).substr(a, b - a));
      hash.add(std::string_view(text).substr(b));
      ASSERT_EQ(hash.end(), hash_of(text)) << a << ' ' << b;
    }
  }
}

TEST(siphash, a_word_is_its_eight_bytes) {
  siphash hash(reference_key);
  hash.add(std::uint64_t{0x0706050403020100});
  EXPECT_EQ(hash.end(), hash_of(counting(8)));
}

TEST(siphash, another_key_gives_another_hash) {
  EXPECT_NE(hash_of("text", {1, 2}), hash_of("text", {1, 3}));
  EXPECT_NE(hash_of("text", {1, 2}), hash_of("text", {2, 2}));
}

}  // namespace
}  // namespace usage
