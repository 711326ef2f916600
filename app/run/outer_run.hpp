#pragma once

// Detects a run inside a run. The outer run sees all traffic of the inner run's command, so the inner run need not
// watch it again. An environment variable would be no proof, because it can be stale or forged. The proof is a network
// whose only way out is the outer run, or a proxy that answers as only a run's proxy does.

#include <string>

namespace app::run {

/// True in the private network of a run: it has a run's own address and no link to any other network, and our bundle is
/// mounted over the system's CAs.
bool within_private_network();

/// True if HTTPS_PROXY names the proxy of a run that is alive.
bool behind_proxy_of_run();

inline bool within_run() {
  return within_private_network() || behind_proxy_of_run();
}

}  // namespace app::run
