#pragma once

// Redirects a cgroup by nftables for as long as this object lives. It sends redirect_rules to the kernel.

#include <string>

#include "app/linux/cgroup.hpp"
#include "app/linux/netlink_socket.hpp"
#include "app/scope/redirect_rules.hpp"

namespace app::scope {

class nft_redirect {
 public:
  /// Replaces what the script or another service has installed for this cgroup. Fails if that service still runs.
  static scope_result<nft_redirect> install(const watched_cgroup& cgroup, redirect_ports ports);
  /// Tries the rules on a cgroup that does not exist, and removes them.
  static scope_result<void> try_out();

 private:
  static scope_result<nft_redirect> install(const std::string& table, cgroup_match cgroup, redirect_ports ports);
  explicit nft_redirect(run::netlink_socket owner) : owner_(std::move(owner)) {}

  run::netlink_socket owner_;  // the table ends with it
};

}  // namespace app::scope
