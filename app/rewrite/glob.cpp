#include "app/rewrite/glob.hpp"

#include <algorithm>
#include <vector>

namespace app::rewrite {

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  const auto star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // Pieces between stars match at their first occurrence; only the last piece must match at the end.
  for (auto next = pattern.find('*'); next != pattern.npos; next = pattern.find('*')) {
    const auto found = text.find(pattern.substr(0, next));
    if (found == text.npos) return false;
    text.remove_prefix(found + next);
    pattern.remove_prefix(next + 1);
  }
  return text.ends_with(pattern);
}

bool any_glob_matches(std::span<const std::string> patterns, std::string_view text) noexcept {
  return std::ranges::any_of(patterns, [text](const std::string& pattern) { return glob_matches(pattern, text); });
}

bool globs_meet(std::string_view a, std::string_view b) {
  // Dynamic programming from the end: for one suffix of `a` and every suffix of `b`, whether they have a common match.
  std::vector<char> next(b.size() + 1, 0);
  for (std::size_t i = a.size() + 1; i-- > 0;) {
    std::vector<char> row(b.size() + 1, 0);
    for (std::size_t j = b.size() + 1; j-- > 0;) {
      const bool more_a = i < a.size();
      const bool more_b = j < b.size();
      if (!more_a && !more_b) {
        row[j] = 1;
      } else if (more_a && a[i] == '*') {
        row[j] = next[j] != 0 || (more_b && row[j + 1] != 0);
      } else if (more_b && b[j] == '*') {
        row[j] = row[j + 1] != 0 || (more_a && next[j] != 0);
      } else {
        row[j] = more_a && more_b && a[i] == b[j] && next[j + 1] != 0;
      }
    }
    next = std::move(row);
  }
  return next[0] != 0;
}

}  // namespace app::rewrite
