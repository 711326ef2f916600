#pragma once

// Takes one HTTP/1.1 head from a connection and not a byte more: what follows it is a tunnel's. For proxies, ours and
// other people's.

#include <cstddef>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/errc.hpp"

namespace net {

/// The head with its empty line. Errors: eof, message_size beyond `most` bytes, the socket's. The caller sets the
/// deadline.
boost::asio::awaitable<result<std::string>> take_http_head(boost::asio::ip::tcp::socket& socket, std::size_t most);

}  // namespace net
