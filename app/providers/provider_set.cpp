#include "app/providers/provider_set.hpp"

#include <algorithm>
#include <array>

namespace app {
namespace {

/// The likeness of a provider's calls, and whose calls they are where the path says nothing.
struct dialect {
  std::string_view word;
  usage::provider family;
};

constexpr std::array dialects{
    dialect{"openai", usage::provider::openai_chat},
    dialect{"anthropic", usage::provider::anthropic},
    dialect{"google", usage::provider::google},
    dialect{"bedrock", usage::provider::bedrock},
};

}  // namespace

std::string dialect_words() {
  std::string words;
  for (const auto& one : dialects) words.append(words.empty() ? "\"" : ", \"").append(one.word) += '"';
  return words;
}

bool is_dialect(std::string_view word) noexcept {
  return std::ranges::find(dialects, word, &dialect::word) != dialects.end();
}

usage::provider_entry entry_of(const provider_set& set) {
  const auto* known = std::ranges::find(dialects, set.dialect, &dialect::word);
  usage::provider_entry entry{
      set.name, {}, known == dialects.end() ? usage::provider::unknown : known->family, set.paths};
  for (const auto& host : set.hosts) entry.hosts.push_back(host.text());
  return entry;
}

}  // namespace app
