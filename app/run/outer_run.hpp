#pragma once

// Detects a run within a run. The outer run sees all traffic of the inner one's command anyway, so the inner one need
// not watch it again. A variable would prove nothing, since it can be left over or forged. The proof is a network
// without another way out than the outer run, or a proxy that answers as only a run's does.

#include <string>

namespace app::run {

/// True in the private network of a run: it has a run's own address and no link to anywhere, and our CAs lie over the
/// system's.
bool within_private_network();

/// True if HTTPS_PROXY names the proxy of a run that is alive.
bool behind_proxy_of_run();

inline bool within_run() {
  return within_private_network() || behind_proxy_of_run();
}

}  // namespace app::run
