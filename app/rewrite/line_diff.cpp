#include "app/rewrite/line_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace app::rewrite {
namespace {

using lines = std::span<const std::string_view>;

struct marked {
  char mark;  // ' ', '-' or '+'
  std::string_view text;
};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    found.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

void add(std::vector<marked>& out, char mark, lines all) {
  for (const auto& text : all) out.push_back({mark, text});
}

/// Longest common subsequence, from the end: table[i][j] is its length for the suffixes from i and j.
void add_changed(std::vector<marked>& out, lines before, lines after) {
  const std::size_t width = after.size() + 1;
  std::vector<std::uint32_t> table((before.size() + 1) * width);
  for (std::size_t i = before.size(); i-- > 0;) {
    for (std::size_t j = after.size(); j-- > 0;) {
      table[i * width + j] = before[i] == after[j] ? table[(i + 1) * width + j + 1] + 1
                                                   : std::max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < before.size() && j < after.size()) {
    if (before[i] == after[j]) {
      out.push_back({' ', before[i++]});
      ++j;
    } else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) {
      out.push_back({'-', before[i++]});
    } else {
      out.push_back({'+', after[j++]});
    }
  }
  add(out, '-', before.subspan(i));
  add(out, '+', after.subspan(j));
}

std::vector<marked> compare(lines before, lines after, std::size_t cells) {
  std::vector<marked> out;
  const auto same = std::ranges::mismatch(before, after);
  const auto front = static_cast<std::size_t>(same.in1 - before.begin());
  add(out, ' ', before.first(front));
  before = before.subspan(front);
  after = after.subspan(front);
  std::size_t back = 0;
  while (back < std::min(before.size(), after.size()) &&
         before[before.size() - 1 - back] == after[after.size() - 1 - back]) {
    ++back;
  }
  const lines old = before.first(before.size() - back);
  const lines now = after.first(after.size() - back);
  if (old.size() * now.size() <= cells) {
    add_changed(out, old, now);
  } else {
    add(out, '-', old);
    add(out, '+', now);
  }
  add(out, ' ', before.last(back));
  return out;
}

/// Whether a line is shown: it differs, or is near one that does.
std::vector<bool> near_changes(const std::vector<marked>& all, std::size_t around) {
  std::vector<bool> shown(all.size());
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (all[at].mark == ' ') continue;
    const auto end = std::min(at + around + 1, all.size());
    for (std::size_t near = at - std::min(at, around); near < end; ++near) shown[near] = true;
  }
  return shown;
}

}  // namespace

std::string line_diff(std::string_view before, std::string_view after, const diff_limits& limits) {
  if (before == after) return {};
  const auto old = split(before);
  const auto now = split(after);
  const auto all = compare(old, now, limits.cells);
  const auto shown = near_changes(all, limits.around);
  std::string out;
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (!shown[at]) {
      if (at == 0 || shown[at - 1]) out += " ...\n";
      continue;
    }
    const auto text = all[at].text;
    out.append({all[at].mark}).append(text.substr(0, limits.width)).append(text.size() > limits.width ? "...\n" : "\n");
  }
  return out;
}

}  // namespace app::rewrite
