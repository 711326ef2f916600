#pragma once

// What a private network imitates of the host's network: which destinations have a route, and which TCP ports are
// served on loopback. Both are read by netlink (RTM_GETROUTE, SOCK_DIAG_BY_FAMILY) in the host's namespace.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <linux/netlink.h>

namespace app::run {

struct network_prefix {
  std::uint8_t family = 0;  // AF_INET or AF_INET6
  std::uint8_t length = 0;  // bits
  std::array<std::uint8_t, 16> address{};

  auto operator<=>(const network_prefix&) const = default;
};

/// Routes beyond it are left out, because a default route covers them. Ports beyond it are not imitated.
inline constexpr std::size_t max_prefixes = 1024;
inline constexpr std::size_t max_host_ports = 512;

struct host_network {
  std::vector<network_prefix> reachable;  // sorted, each once
  std::vector<std::uint16_t> ports;       // of TCP listeners on loopback or on every address; sorted, each once
};

/// If the kernel does not answer, the result is a default route for IPv4 and no port.
host_network read_host_network();

/// Reads the destination of an RTM_NEWROUTE that leads outside loopback. False for anything else.
bool parse_route(const nlmsghdr& head, std::span<const std::byte> payload, network_prefix& into);

}  // namespace app::run
