#pragma once

// The single checks of `zerogravity doctor`. Each examines the machine and leaves nothing changed.

#include <filesystem>
#include <string>
#include <vector>

#include "app/config/config.hpp"
#include "app/doctor/doctor.hpp"

namespace app {

/// The kernel, user namespaces, and what a private network in one can do. Forks to try it.
std::vector<finding> look_at_namespaces();

/// The proxy through which origins are reached. No findings: no proxy is configured.
std::vector<finding> look_at_upstream_proxy(const config& values);

/// Whether nftables and iptables exist, and whether this process may use them.
finding look_at_redirects();

/// The command that intercepts the connections of one user.
std::string how_to_redirect_user();

/// Where cgroup v2 is mounted, and which backends can redirect a cgroup. Tries the backends if it runs as root.
finding look_at_cgroups();

/// Whether the wall clock is plausible. Certificates and rows depend on it.
finding look_at_clock();

/// Whether the CA exists, is valid and permits the configured hosts, whether the bundle is there, and whether programs
/// that are started from this environment trust the CA. A service needs the last.
std::vector<finding> look_at_ca(const config& values, bool service_answers);

/// Whether the directory of the ledger is writable and has room.
finding look_at_disk(const config& values);

/// Whether the service's addresses are free, or used by the service itself.
std::vector<finding> look_at_ports(const config& values, bool service_answers);

/// The redirects that are installed in this network namespace. Needs root.
struct installed_redirects {
  bool readable = false;
  std::vector<std::string> uids;
  std::vector<std::filesystem::path> cgroups;  // directories
};
installed_redirects find_redirects();

}  // namespace app
