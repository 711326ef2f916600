#pragma once

// Pieces of a fuzzer's input. Each one is a heap block of exactly its size, so that the address sanitizer sees a parser
// that looks one byte too far.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

namespace fuzz {

inline std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// Calls `feed(piece)` with `input` in pieces of `size` bytes; the piece is gone once feed() returns.
template <class Feed>
void in_pieces(std::string_view input, std::size_t size, Feed feed) {
  for (; !input.empty(); input.remove_prefix(std::min(size, input.size()))) {
    const std::string_view part = input.substr(0, size);
    const std::unique_ptr<char[]> block(new char[part.size()]);
    std::copy(part.begin(), part.end(), block.get());
    feed(std::string_view(block.get(), part.size()));
  }
}

/// The ways of cutting that every incremental parser is tried with; the first one is the whole input.
inline std::vector<std::size_t> cuts(std::string_view input) {
  return {std::max<std::size_t>(input.size(), 1), 1, 2, 7};
}

inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace fuzz
