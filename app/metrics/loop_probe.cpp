#include "app/metrics/loop_probe.hpp"

#include <algorithm>
#include <cerrno>
#include <string>

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/linux/client_socket.hpp"
#include "app/linux/descriptor.hpp"
#include "app/linux/netlink_socket.hpp"

namespace app {
namespace {

constexpr std::uint16_t tls_port = 443;
constexpr int answer_limit_ms = 50;  // within one machine; a filter that drops says nothing at all

/// An address of this machine where hardly anyone serves alone.
asio::ip::address address_of(const asio::ip::tcp& family) {
  if (family == asio::ip::tcp::v6()) return asio::ip::address_v6::loopback();
  return asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 90, 71, 1});
}

/// An endpoint with port 0: nobody took the connection.
endpoint connected_from(const run::descriptor& socket, const endpoint& listening) {
  if (::connect(socket.get(), listening.data(), static_cast<socklen_t>(listening.size())) != 0) {
    if (errno != EINPROGRESS) return {};
    pollfd ready{socket.get(), POLLOUT, 0};
    if (::poll(&ready, 1, answer_limit_ms) != 1) return {};
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  endpoint local;
  size = static_cast<socklen_t>(local.capacity());
  if (error != 0 || ::getsockname(socket.get(), local.data(), &size) != 0) return {};
  return local;
}

/// Redirected connections arrive at loopback.
bool arrives(const endpoint& listening, const endpoint& source) {
  const bool v6 = listening.protocol() == asio::ip::tcp::v6();
  const asio::ip::address loopback =
      v6 ? asio::ip::address(asio::ip::address_v6::loopback()) : asio::ip::address(asio::ip::address_v4::loopback());
  auto kernel = run::netlink_socket::open(NETLINK_SOCK_DIAG);
  return kernel.has_value() && run::find_client_socket(*kernel, {loopback, listening.port()}, source).has_value();
}

}  // namespace

bool comes_back(const endpoints& listening) {
  return std::ranges::any_of(listening, [](const endpoint& each) {
    const auto family = each.protocol();
    const run::descriptor socket(::socket(family.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.valid()) return false;
    const auto local = connected_from(socket, {address_of(family), tls_port});
    return local.port() != 0 && arrives(each, local);
  });
}

std::string own_traffic_redirected() {
  const auto uid = std::to_string(::geteuid());
  return "the redirect catches the user that this service runs as (uid " + uid +
         "): its own connections to the providers come back to it. Run the service as another user, or redirect "
         "another: sudo scripts/mitm-redirect.sh remove --user " +
         uid;
}

}  // namespace app
