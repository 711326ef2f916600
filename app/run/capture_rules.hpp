#pragma once

// The nftables rules of a private network: the first packet of every TCP connection goes to one listener, whatever its
// address and port (TPROXY, so the connection keeps both as its own address). Connections within the network are left
// alone: to loopback, but for the ports that the host serves there, and to the network's own address. Pure: the bytes
// of one transaction (linux/netfilter/nf_tables.h).

#include <cstdint>
#include <span>

#include "app/linux/netlink_message.hpp"

namespace app::run {

struct capture_targets {
  std::uint16_t port_v4 = 0;                  // where the IPv4 listener is
  std::uint16_t port_v6 = 0;                  // 0: no IPv6
  std::span<const std::uint16_t> host_ports;  // ports on loopback that are captured as well
};

netlink_messages capture_rules(const capture_targets& targets);

}  // namespace app::run
