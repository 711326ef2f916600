#pragma once

// For a client that uses an HTTP proxy of its own (RFC 9110, 9.3.6): passes its CONNECT and the proxy's answer on
// unchanged. In the tunnel the client speaks as if it had connected directly. any_port drives it.

#include <cstdint>

#include <boost/asio/ip/tcp.hpp>

#include "mitm/policy/limits.hpp"
#include "net/errc.hpp"
#include "net/stream.hpp"

namespace mitm {

namespace asio = boost::asio;

/// True if the client's unread bytes begin a CONNECT.
bool begins_connect(net::tcp::socket& client);

struct passed_connect {
  bool tunnel = false;  // the proxy agreed; if not, the body of its answer follows
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
};

/// Errors: those of the sockets, timed_out, message_size.
asio::awaitable<net::result<passed_connect>> pass_connect(net::tcp::socket& client, net::tcp::socket& proxy,
                                                          const limits& bounds);

/// Moves the available bytes. Returns 0 at the end of `sender`.
asio::awaitable<net::result<std::size_t>> pass_some(net::tcp::socket& sender, net::tcp::socket& receiver);

}  // namespace mitm
