#pragma once

// A client that goes through an HTTP proxy of its own (RFC 9110, 9.3.6): its CONNECT and what the proxy answers are
// passed on as they are; in the tunnel it speaks as if it had connected itself. any_port drives it.

#include <cstdint>

#include <boost/asio/ip/tcp.hpp>

#include "mitm/policy/limits.hpp"
#include "net/errc.hpp"
#include "net/stream.hpp"

namespace mitm {

namespace asio = boost::asio;

/// What the client has sent and nobody has read is a CONNECT.
bool begins_connect(net::tcp::socket& client);

struct passed_connect {
  bool tunnel = false;  // the proxy agreed; otherwise the body of its answer follows
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
};

/// Errors: those of the sockets, timed_out, message_size.
asio::awaitable<net::result<passed_connect>> pass_connect(net::tcp::socket& client, net::tcp::socket& proxy,
                                                          const limits& bounds);

/// Moves what is there; 0 at the end of `sender`.
asio::awaitable<net::result<std::size_t>> pass_some(net::tcp::socket& sender, net::tcp::socket& receiver);

}  // namespace mitm
