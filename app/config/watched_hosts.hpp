#pragma once

// Which hosts a configuration watches. Pure. They are those of the providers that mitm.providers names, those of the
// configuration's own [[mitm.provider]], and mitm.hosts.

#include <string>
#include <vector>

#include "app/config/config.hpp"
#include "app/config/config_load.hpp"
#include "usage/provider_table.hpp"

namespace app {

struct watched_set {
  std::string name;                // of the provider, or "mitm.hosts"
  std::vector<std::string> hosts;  // patterns
};

/// Without those that watch nothing. A name in mitm.providers that is no provider's is passed over.
std::vector<watched_set> watched_sets(const config& values);

/// The patterns of all of them, each once. The interceptor's policy and the constraints of the CA follow them.
std::vector<std::string> watched_hosts(const config& values);

/// Those of them that the configuration asks for. The rest is watched because this version does so by default.
std::vector<std::string> asked_hosts(const config& values);

/// The hosts of all providers, watched or not: a connection to one of them that is passed by is counted as unread.
std::vector<net::text::host_pattern> provider_hosts(const config& values);

/// Watches these hosts and no others. What is said on them is told as before.
void watch_only(config& values, std::vector<std::string> hosts);

/// All providers as the accounting knows them, the configuration's own first.
usage::provider_table provider_table_of(const config& values);

/// Errors: a name in mitm.providers that is no provider's, or one that cannot be watched; or nothing is watched.
void check_watched(const loaded_config& loaded, config_errors& errors);

}  // namespace app
