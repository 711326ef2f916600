#include "net/original_destination.hpp"

#include <cerrno>

#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace net {

using boost::asio::ip::tcp;

result<tcp::endpoint> original_destination(tcp::socket& accepted) {
  boost::system::error_code error;
  const auto local = accepted.local_endpoint(error);
  if (error) return error;

  tcp::endpoint destination;
  socklen_t length = static_cast<socklen_t>(destination.capacity());
  const bool v4 = local.address().is_v4();
  const int rc =
      v4 ? ::getsockopt(accepted.native_handle(), SOL_IP, SO_ORIGINAL_DST, destination.data(), &length)
         : ::getsockopt(accepted.native_handle(), SOL_IPV6, IP6T_SO_ORIGINAL_DST, destination.data(), &length);
  if (rc != 0) {
    // No connection-tracking entry: the connection was not redirected.
    if (errno == ENOENT) return errc::not_redirected;
    return boost::system::error_code(errno, boost::system::system_category());
  }
  destination.resize(length);
  if (destination == local) return errc::not_redirected;
  return destination;
}

}  // namespace net
