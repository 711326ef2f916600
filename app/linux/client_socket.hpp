#pragma once

// Asks the kernel about the client's socket of a connection within this machine (SOCK_DIAG_BY_FAMILY, about 20 µs).

#include <cstdint>
#include <optional>

#include <boost/asio/ip/tcp.hpp>

#include "app/linux/netlink_socket.hpp"

namespace app::run {

struct client_socket {
  std::uint32_t uid = 0;
  std::uint32_t inode = 0;
  std::uint64_t cookie = 0;  // unique to the socket
  std::uint8_t state = 0;    // TCP_ESTABLISHED …
};

/// The socket with this local and this peer address. `kernel` is a NETLINK_SOCK_DIAG socket.
std::optional<client_socket> find_client_socket(netlink_socket& kernel, const boost::asio::ip::tcp::endpoint& client,
                                                const boost::asio::ip::tcp::endpoint& peer);

/// The socket that listens at this address, or at all addresses of its port.
std::optional<client_socket> find_listening_socket(netlink_socket& kernel, const boost::asio::ip::tcp::endpoint& local);

}  // namespace app::run
