#pragma once

// The difference between two texts, line by line, for people.

#include <cstddef>
#include <string>
#include <string_view>

namespace app::rewrite {

struct diff_limits {
  std::size_t cells = 4'000'000;  // differing lines of one text times those of the other; beyond, all are shown
  std::size_t around = 3;         // same lines shown beside those that differ
  std::size_t width = 160;        // bytes of a line that are shown
};

/// "-" before lines of `before` that are gone, "+" before those of `after` that are new. Empty: they are the same.
std::string line_diff(std::string_view before, std::string_view after, const diff_limits& limits = {});

}  // namespace app::rewrite
