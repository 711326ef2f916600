#pragma once

// Looks at the first bytes of a connection without taking them: whoever serves it afterwards reads them from the
// socket.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/errc.hpp"
#include "net/wire/client_hello.hpp"

namespace net {

/// The whole ClientHello, however the client split it. Errors: wire::errc::not_tls, malformed or too_large for what is
/// to be passed through; eof if the client left; the socket's. The caller sets the deadline.
boost::asio::awaitable<result<wire::client_hello>> peek_client_hello(boost::asio::ip::tcp::socket& socket);

}  // namespace net
