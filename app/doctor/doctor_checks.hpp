#pragma once

// The doctor's single checks. Each reads the machine and leaves nothing changed.

#include <filesystem>
#include <string>
#include <vector>

#include "app/config/config.hpp"
#include "app/doctor/doctor.hpp"

namespace app {

/// Kernel, user namespaces and what a private network in one can do. Forks to try it.
std::vector<finding> look_at_namespaces();

/// Which proxy origins are reached through. No findings: no proxy is configured.
std::vector<finding> look_at_upstream_proxy(const config& values);

/// nftables and iptables, and whether this process may use them.
finding look_at_redirects();

/// What has one user's connections watched.
std::string how_to_redirect_user();

/// Where cgroup v2 is, and by which backend a cgroup can be redirected; tries them as root.
finding look_at_cgroups();

/// Whether the wall clock can be right: certificates and rows go by it.
finding look_at_clock();

/// Whether the CA exists, is valid and permits the configured hosts; the bundle; and whether programs started from this
/// environment trust the CA, as a service needs.
std::vector<finding> look_at_ca(const config& values, bool service_answers);

/// The directory of the ledger: writable, with room.
finding look_at_disk(const config& values);

/// Whether the service's addresses are free, or the service listens on them.
std::vector<finding> look_at_ports(const config& values, bool service_answers);

/// Redirects that are installed in this network namespace; needs root.
struct installed_redirects {
  bool readable = false;
  std::vector<std::string> uids;
  std::vector<std::filesystem::path> cgroups;  // directories
};
installed_redirects find_redirects();

}  // namespace app
