#pragma once

// The sockets of this network namespace that are bound to one local address and port, as the kernel lists them
// (SOCK_DIAG_BY_FAMILY, a dump): who would get a connection to it, and who has got one.

#include <cstdint>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "app/linux/netlink_socket.hpp"

namespace app::run {

struct port_socket {
  std::uint32_t uid = 0;
  std::uint32_t inode = 0;
  bool listens = false;
  boost::asio::ip::tcp::endpoint peer{};  // of one that is connected, as it calls it
};

/// Those that listen at `address`, or at all addresses of a family that reaches it, and those that are connected from
/// there. What no process has open, such as a connection that waits to be accepted, is not among them: nobody reads it.
/// `kernel`: NETLINK_SOCK_DIAG.
net::result<std::vector<port_socket>> sockets_at(netlink_socket& kernel, const boost::asio::ip::tcp::endpoint& address);

}  // namespace app::run
