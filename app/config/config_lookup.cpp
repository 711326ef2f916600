#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>
#include <vector>

#include "app/config/config_keys.hpp"
#include "net/text/ascii.hpp"

namespace app {
namespace {

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string config_key::variable() const {
  std::string text = "ZEROGRAVITY_" + std::string(name);
  std::ranges::transform(text, text.begin(), [](char c) { return c == '.' ? '_' : net::text::upper(c); });
  return text;
}

const config_key* find_key(std::string_view name) {
  const auto keys = config_keys();
  const auto found = std::ranges::find(keys, name, &config_key::name);
  return found == keys.end() ? nullptr : &*found;
}

bool is_section(std::string_view name) {
  const auto prefix = std::string(name) + '.';
  return std::ranges::any_of(config_keys(), [&](const config_key& key) { return key.name.starts_with(prefix); });
}

const config_key* nearest_key(std::string_view name) {
  if (name.size() > 64) return nullptr;
  const config_key* nearest = nullptr;
  std::size_t least = 4;  // a larger distance is no typing mistake
  for (const auto& key : config_keys()) {
    // The most common mistake is the right key in the wrong table.
    const bool misplaced = last_part(key.name) == last_part(name);
    const auto distance = misplaced ? std::size_t{1} : edit_distance(name, key.name);
    if (distance < least) {
      least = distance;
      nearest = &key;
    }
  }
  return nearest;
}

}  // namespace app
