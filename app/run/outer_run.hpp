#pragma once

// A run within a run. The outer one sees all traffic of the inner one's command in any case, so the inner one need not
// watch it again. What says so is not a variable, which could be left over or made up: it is a network that has no
// other way out than the outer run, or a proxy that answers as only a run's does.

#include <string>

namespace app::run {

/// We are in the private network of a run: it has a run's own address and no link to anywhere, and our CAs lie over the
/// system's.
bool within_private_network();

/// HTTPS_PROXY names the proxy of a run that lives.
bool behind_proxy_of_run();

inline bool within_run() {
  return within_private_network() || behind_proxy_of_run();
}

}  // namespace app::run
