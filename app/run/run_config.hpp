#pragma once

// The configuration of a run's own interceptor: the user's configuration without what only a service needs, and with
// the proxies that the environment names.

#include <cstdint>
#include <string>
#include <vector>

#include <boost/system/result.hpp>

#include "app/config/config.hpp"
#include "app/run/run.hpp"

namespace app::run {

struct bad_host {
  std::string why;  // with the option and the pattern
};

/// The configuration with the hosts that the command line adds, or with these alone.
boost::system::result<config, bad_host> with_hosts_of(const run_command& asked, config values);

/// The run has no API and no language server, and logs only warnings. Its bundle includes the CAs that the user's
/// environment names. It connects to origins through the proxy that the environment names.
config values_for_run(config values);

/// Ports of the proxies that the environment names.
std::vector<std::uint16_t> ports_of_proxies();

/// A variable of the command. An empty value removes the variable.
struct command_variable {
  std::string name;
  std::string value;
  bool operator==(const command_variable&) const = default;
};

/// The variables that change for a command behind our proxy, in addition to HTTPS_PROXY. A NO_PROXY that names watched
/// hosts would lead the command's programs past us. We honour it ourselves on the way to the origins.
std::vector<command_variable> variables_behind_proxy(const config& values);

/// The reason, as text, if the environment names a proxy that we cannot connect through. Otherwise empty.
std::string unseen_proxy();

}  // namespace app::run
