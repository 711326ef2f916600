#pragma once

// Lists the sockets of this network namespace that are bound to a local address and port (a SOCK_DIAG_BY_FAMILY dump):
// those that would receive a connection to it, and those that have one.

#include <cstdint>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "app/linux/netlink_socket.hpp"

namespace app::run {

struct port_socket {
  std::uint32_t uid = 0;
  std::uint32_t inode = 0;
  bool listens = false;
  boost::asio::ip::tcp::endpoint peer{};  // of a connected socket
};

/// The sockets that listen at `address`, or at all addresses of a family that reaches it, and those connected from
/// there. Omits sockets that no process has open, such as a connection that waits to be accepted. `kernel` is a
/// NETLINK_SOCK_DIAG socket.
net::result<std::vector<port_socket>> sockets_at(netlink_socket& kernel, const boost::asio::ip::tcp::endpoint& address);

}  // namespace app::run
