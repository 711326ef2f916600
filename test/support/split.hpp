#pragma once

// Runs a test over an input cut in every way that has ever broken an incremental parser: whole, cut once at every byte
// position, and in pieces of 1, 2 and 7 bytes.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace support {

using pieces = std::vector<std::string_view>;

/// `input` in pieces of `size` bytes; the last one may be shorter.
inline pieces pieces_of(std::string_view input, std::size_t size) {
  pieces cut;
  for (std::size_t at = 0; at < input.size(); at += size) cut.push_back(input.substr(at, size));
  return cut;
}

/// Calls `run(pieces)` once per way of cutting.
template <class Run>
void for_each_split(std::string_view input, Run run) {
  run(pieces{input});
  for (std::size_t at = 1; at < input.size(); ++at) run(pieces{input.substr(0, at), input.substr(at)});
  for (const std::size_t size : {1, 2, 7}) run(pieces_of(input, size));
}

/// For failure messages: the sizes of the pieces, as in "17+3+…".
inline std::string describe(const pieces& cut) {
  std::string text = "cut into ";
  for (std::size_t i = 0; i < std::min<std::size_t>(cut.size(), 4); ++i) {
    text += (i ? "+" : "") + std::to_string(cut[i].size());
  }
  return text + (cut.size() > 4 ? "+…" : "");
}

}  // namespace support
