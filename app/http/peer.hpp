#pragma once

// Asks the kernel who is at the other end of an API connection: for TCP on loopback the user who owns the client's
// socket (sock_diag), for a Unix socket the user who connected (SO_PEERCRED). Asked once per connection when it is
// accepted, and never cached: the next connection from the same port may be another user's.

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

  /// True for the service's own user and for root, who can read the key anyway.
  bool is_same_user() const;
};

/// Takes about 20 µs and waits only for the kernel.
api_peer find_api_peer(api_socket& accepted);

/// The reverse, for a client: the user whose process accepted, or will accept, a connection to this machine. nullopt if
/// unknown.
std::optional<std::uint32_t> find_server_owner(api_socket& connected);

/// The address that the client connected to; unspecified for a Unix socket.
asio::ip::address local_address(const api_socket& accepted);

}  // namespace app
