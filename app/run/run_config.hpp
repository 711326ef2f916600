#pragma once

// The configuration of a run's own interceptor: the user's, without what only a service needs, and with what the
// environment says of proxies.

#include <cstdint>
#include <string>
#include <vector>

#include "app/config/config.hpp"

namespace app::run {

/// No API and no language server; warnings only; CAs that the user's environment names are kept in the bundle; origins
/// are reached through the proxy that it names.
config values_for_run(config values);

/// Ports of the proxies that the environment names.
std::vector<std::uint16_t> ports_of_proxies();

/// A variable of the command; an empty value takes it away.
struct command_variable {
  std::string name;
  std::string value;
  bool operator==(const command_variable&) const = default;
};

/// What a command behind our proxy needs changed beside HTTPS_PROXY: a NO_PROXY that names watched hosts would lead its
/// programs past us. We honour it ourselves on the way to the origins.
std::vector<command_variable> variables_behind_proxy(const config& values);

/// In words, if the environment names a proxy that cannot be looked through; else empty.
std::string unseen_proxy();

}  // namespace app::run
