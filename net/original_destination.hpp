#pragma once

// The original destination of a redirected connection: SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST of netfilter.

#include <boost/asio/ip/tcp.hpp>

#include "net/errc.hpp"

namespace net {

/// Errors: not_redirected if the connection was made to the listener's own address (proxying it would connect to
/// ourselves for ever), or the system's.
result<boost::asio::ip::tcp::endpoint> original_destination(boost::asio::ip::tcp::socket& accepted);

}  // namespace net
