#pragma once

// Two lists of lines side by side for failure messages: "  " both, "- " expected only, "+ " actual only.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace support {

using lines = std::vector<std::string>;

/// Length of the longest common subsequence of each pair of tails.
inline std::vector<std::vector<std::size_t>> common_tails(const lines& a, const lines& b) {
  std::vector<std::vector<std::size_t>> longest(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      longest[i][j] = a[i] == b[j] ? longest[i + 1][j + 1] + 1 : std::max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  return longest;
}

inline std::string line_diff(const lines& expected, const lines& actual) {
  const auto longest = common_tails(expected, actual);
  std::string text;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < expected.size() || j < actual.size()) {
    if (i < expected.size() && j < actual.size() && expected[i] == actual[j]) {
      text += "  " + expected[i++] + "\n";
      ++j;
    } else if (j == actual.size() || (i < expected.size() && longest[i + 1][j] >= longest[i][j + 1])) {
      text += "- " + expected[i++] + "\n";
    } else {
      text += "+ " + actual[j++] + "\n";
    }
  }
  return text;
}

}  // namespace support
