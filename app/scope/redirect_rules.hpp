#pragma once

// The nftables rules that lead the new TLS connections of one cgroup to the interceptor. They redirect TCP 443 and
// reject UDP 443. The table belongs to the netlink socket that makes it, so the kernel removes it when the service ends
// or is killed. Pure: makes one named transaction for each feature that a kernel may lack.

#include <cstdint>
#include <string>
#include <vector>

#include "app/linux/netlink_message.hpp"

namespace app::scope {

struct redirect_ports {
  std::uint16_t v4 = 0;
  std::uint16_t v6 = 0;
};

struct cgroup_match {
  std::uint64_t id = 0;
  std::uint32_t level = 0;  // below the root
};

struct redirect_step {
  const char* what;  // "cannot …"
  run::netlink_messages messages;
};

std::vector<redirect_step> redirect_rules(const std::string& table, cgroup_match cgroup, redirect_ports ports);

/// zerogravity_cg_<cksum of the path>. scripts/mitm-redirect.sh uses the same name, so that each finds a table that the
/// other has left.
std::string table_of_cgroup(const std::string& path);

}  // namespace app::scope
