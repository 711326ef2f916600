#pragma once

// Peeks at the first bytes of a connection. They stay in the socket for whoever serves the connection.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/errc.hpp"
#include "net/wire/client_hello.hpp"

namespace net {

/// Returns the whole ClientHello, however the client split it. Errors: wire::errc::not_tls, malformed or too_large if
/// the connection is to be passed through; eof if the client left; or the socket's. The caller sets the deadline.
boost::asio::awaitable<result<wire::client_hello>> peek_client_hello(boost::asio::ip::tcp::socket& socket);

}  // namespace net
