#pragma once

// What of the host's network a private one imitates: where there is a route to, and which TCP ports are served on
// loopback. Asked of the kernel by netlink (RTM_GETROUTE; SOCK_DIAG_BY_FAMILY) in the host's namespace.

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

/// Beyond these, a route says nothing new (a default route is among them) and a port is not imitated.
inline constexpr std::size_t max_prefixes = 1024;
inline constexpr std::size_t max_host_ports = 512;

struct host_network {
  std::vector<network_prefix> reachable;  // sorted, each once
  std::vector<std::uint16_t> ports;       // of TCP listeners on loopback or on every address; sorted, each once
};

/// What cannot be asked is taken to be: a default route for IPv4, no port.
host_network read_host_network();

/// The destination of an RTM_NEWROUTE that leads outside loopback; anything else gives false.
bool parse_route(const nlmsghdr& head, std::span<const std::byte> payload, network_prefix& into);

}  // namespace app::run
