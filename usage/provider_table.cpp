#include "usage/provider_table.hpp"

#include <algorithm>
#include <utility>

#include "net/text/host_name.hpp"

namespace usage {
namespace {

bool path_matches(std::string_view pattern, std::string_view path) noexcept {
  const auto star = pattern.find('*');
  if (star == pattern.npos) return path == pattern;
  const auto beginning = pattern.substr(0, star), end = pattern.substr(star + 1);
  return path.size() >= beginning.size() + end.size() && path.starts_with(beginning) && path.ends_with(end);
}

}  // namespace

provider provider_entry::call_at(std::string_view path) const noexcept {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto found = std::ranges::find_if(paths, [path](const path_call& one) { return path_matches(one.path, path); });
  return found == paths.end() ? provider::unknown : found->call;
}

provider_table::provider_table(std::vector<provider_entry> entries) : entries_(std::move(entries)) {
  for (const auto& entry : entries_) {
    auto& patterns = hosts_.emplace_back();
    for (const auto& text : entry.hosts) {
      if (auto pattern = net::text::host_pattern::parse(text)) patterns.push_back(*std::move(pattern));
    }
  }
}

const provider_entry* provider_table::find(std::string_view host) const noexcept {
  host = net::text::without_root_dot(host);
  if (!net::text::is_host_name(host)) return nullptr;
  const auto matches = [host](const net::text::host_pattern& pattern) { return pattern.matches(host); };
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (std::ranges::any_of(hosts_[i], matches)) return &entries_[i];
  }
  return nullptr;
}

}  // namespace usage
