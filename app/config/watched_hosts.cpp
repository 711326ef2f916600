#include "app/config/watched_hosts.hpp"

#include <algorithm>
#include <utility>

#include "app/config/known_providers.hpp"

namespace app {
namespace {

constexpr std::string_view providers_key = "mitm.providers";
constexpr std::string_view hosts_key = "mitm.hosts";

const provider_set* named(const std::vector<provider_set>& sets, std::string_view name) {
  const auto found = std::ranges::find(sets, name, &provider_set::name);
  return found == sets.end() ? nullptr : &*found;
}

bool is_named(const config& values, const provider_set& set) {
  return set.watch != set_watch::never &&
         std::ranges::find(values.mitm.providers, set.name) != values.mitm.providers.end();
}

watched_set of(const provider_set& set) {
  watched_set watched{set.name, {}};
  for (const auto& host : set.hosts) watched.hosts.push_back(host.text());
  return watched;
}

/// Of the configuration's own providers and its hosts.
void add_own(const config& values, std::vector<watched_set>& sets) {
  for (const auto& set : values.mitm.own_providers) {
    if (set.watch == set_watch::by_default || is_named(values, set)) sets.push_back(of(set));
  }
  if (!values.mitm.hosts.empty()) sets.push_back({std::string(hosts_key), values.mitm.hosts});
}

std::vector<std::string> hosts_of(const std::vector<watched_set>& sets) {
  std::vector<std::string> hosts;
  for (const auto& set : sets) {
    for (const auto& host : set.hosts) {
      if (std::ranges::find(hosts, host) == hosts.end()) hosts.push_back(host);
    }
  }
  return hosts;
}

std::string place_of(const loaded_config& loaded, std::string_view key) {
  const auto origin = loaded.origins.find(key);
  return (origin == loaded.origins.end() ? std::string() : origin->second + ": ").append(key);
}

std::string names_for_choice(const config& values) {
  std::string names;
  for (const auto* sets : {&known_providers(), &values.mitm.own_providers}) {
    for (const auto& set : *sets) {
      if (set.watch != set_watch::never) names.append(names.empty() ? "" : ", ").append(set.name);
    }
  }
  return names;
}

}  // namespace

std::vector<watched_set> watched_sets(const config& values) {
  std::vector<watched_set> sets;
  for (const auto& set : known_providers()) {
    if (is_named(values, set)) sets.push_back(of(set));
  }
  add_own(values, sets);
  return sets;
}

std::vector<std::string> watched_hosts(const config& values) {
  return hosts_of(watched_sets(values));
}

std::vector<std::string> asked_hosts(const config& values) {
  if (values.mitm.providers != default_providers()) return watched_hosts(values);
  std::vector<watched_set> sets;
  add_own(values, sets);
  return hosts_of(sets);
}

std::vector<net::text::host_pattern> provider_hosts(const config& values) {
  std::vector<net::text::host_pattern> hosts;
  for (const auto* sets : {&known_providers(), &values.mitm.own_providers}) {
    for (const auto& set : *sets) hosts.insert(hosts.end(), set.hosts.begin(), set.hosts.end());
  }
  return hosts;
}

void watch_only(config& values, std::vector<std::string> hosts) {
  values.mitm.hosts = std::move(hosts);
  values.mitm.providers.clear();
  for (auto& set : values.mitm.own_providers) {
    if (set.watch == set_watch::by_default) set.watch = set_watch::if_named;
  }
}

usage::provider_table provider_table_of(const config& values) {
  std::vector<usage::provider_entry> entries;
  for (const auto* sets : {&values.mitm.own_providers, &known_providers()}) {
    for (const auto& set : *sets) entries.push_back(entry_of(set));
  }
  return usage::provider_table(std::move(entries));
}

void check_watched(const loaded_config& loaded, config_errors& errors) {
  const auto& values = loaded.values;
  bool all_known = true;
  for (const auto& name : values.mitm.providers) {
    const auto* set = named(known_providers(), name);
    if (set == nullptr) set = named(values.mitm.own_providers, name);
    if (set != nullptr && set->watch != set_watch::never) continue;
    all_known = false;
    errors.lines.push_back(place_of(loaded, providers_key) + ": " +
                           (set == nullptr ? "unknown provider " : "nothing can be read of ") + name +
                           "; expected some of " + names_for_choice(values));
  }
  if (all_known && watched_hosts(values).empty()) {
    errors.lines.push_back(place_of(loaded, providers_key) +
                           ": nothing would be intercepted; name a provider here or a host in mitm.hosts");
  }
}

}  // namespace app
