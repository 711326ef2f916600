#include "app/config/known_providers.hpp"

#include <stdexcept>
#include <utility>

#include "app/config/provider_reader.hpp"
#include "app/providers/provider_text.hpp"

namespace app {
namespace {

std::vector<provider_set> read_known() {
  auto read = read_providers(provider_text(), "providers.toml", {}, {});
  // Only a build with another file than the tests had comes here.
  if (read.has_error()) throw std::logic_error(read.error().lines.front());
  return std::move(*read);
}

}  // namespace

const std::vector<provider_set>& known_providers() {
  static const auto known = read_known();
  return known;
}

std::vector<std::string> default_providers() {
  std::vector<std::string> names;
  for (const auto& set : known_providers()) {
    if (set.watch == set_watch::by_default) names.push_back(set.name);
  }
  return names;
}

}  // namespace app
