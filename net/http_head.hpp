#pragma once

// Reads one HTTP/1.1 head from a connection and not a byte more, because a tunnel's bytes may follow. For our proxy and
// for upstream proxies.

#include <cstddef>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/errc.hpp"

namespace net {

/// Returns the head with its empty line. Errors: eof, message_size beyond `most` bytes, or the socket's. The caller
/// sets the deadline.
boost::asio::awaitable<result<std::string>> take_http_head(boost::asio::ip::tcp::socket& socket, std::size_t most);

}  // namespace net
