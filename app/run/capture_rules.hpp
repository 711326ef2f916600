#pragma once

// The nftables rules of a private network. They lead the first packet of every TCP connection to one listener, whatever
// its destination (TPROXY: the accepted socket keeps the destination as its own address). Two kinds of connections are
// left alone: those to loopback, except to ports that the host serves there, and those to the network's own address.
// Pure: makes the bytes of one transaction (linux/netfilter/nf_tables.h).

#include <cstdint>
#include <span>

#include "app/linux/netlink_message.hpp"

namespace app::run {

struct capture_targets {
  std::uint16_t port_v4 = 0;                  // of the IPv4 listener
  std::uint16_t port_v6 = 0;                  // 0: no IPv6
  std::span<const std::uint16_t> host_ports;  // ports on loopback that are captured as well
};

netlink_messages capture_rules(const capture_targets& targets);

}  // namespace app::run
