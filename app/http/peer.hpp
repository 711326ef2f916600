#pragma once

// Who is at the other end of an API connection, as the kernel tells it: for TCP on loopback the user who owns the
// client's socket (sock_diag), for a Unix socket the user who connected (SO_PEERCRED). Asked once for each connection,
// when it is accepted, and kept for no other: the next connection from the same port can be another user's.

#include <cstdint>
#include <optional>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/address.hpp>

namespace app {

namespace asio = boost::asio;

/// TCP or Unix.
using api_socket = asio::generic::stream_protocol::socket;

struct api_peer {
  std::optional<std::uint32_t> uid{};  // nullopt: another machine, another network namespace, or the kernel cannot tell
  bool loopback = false;               // TCP between two loopback addresses
  bool unix_socket = false;

  /// The service's own user, or root, who can read the service's key anyway.
  bool is_same_user() const;
};

/// Some 20 µs, without waiting for anybody but the kernel.
api_peer find_api_peer(api_socket& accepted);

/// The other way round, for a client: whose process is at the other end of a connection to this machine, or will be
/// once it accepts. nullopt: nobody can tell.
std::optional<std::uint32_t> find_server_owner(api_socket& connected);

/// The address that the client connected to; unspecified for a Unix socket.
asio::ip::address local_address(const api_socket& accepted);

}  // namespace app
