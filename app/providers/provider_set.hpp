#pragma once

// A provider as the configuration knows it: the hosts of its API, and what is said to them. Pure values. One is a
// [[mitm.provider]] of providers.toml or of the user's file.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/text/host_pattern.hpp"
#include "usage/provider_table.hpp"

namespace app {

/// When the hosts of a set are intercepted.
enum class set_watch : std::uint8_t {
  by_default,  // unless the configuration names other sets or hosts alone
  if_named,    // if mitm.providers names the set
  never,       // they are only known, so that a connection to them is counted as unread
};

struct provider_set {
  std::string name;
  std::vector<net::text::host_pattern> hosts;
  std::string dialect;  // a word of dialect_words(); empty: none
  std::vector<usage::path_call> paths;
  set_watch watch = set_watch::by_default;
  std::string origin;  // file:line:column
};

/// How many of them a configuration may have.
struct provider_limits {
  std::size_t providers = 64;  // of its own
  std::size_t hosts = 64;      // of one of them; as many paths
};

/// The words that `dialect` may be, in quotes.
std::string dialect_words();

bool is_dialect(std::string_view word) noexcept;

/// The set as the accounting knows it.
usage::provider_entry entry_of(const provider_set& set);

}  // namespace app
