#include "app/rewrite/glob.hpp"

#include <algorithm>

namespace app::rewrite {

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  const auto star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // The pieces between stars are taken where they come first; only the last one is bound to the end.
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

}  // namespace app::rewrite
