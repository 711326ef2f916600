#include "mitm/upstream/own_upstreams.hpp"

#include <sys/socket.h>

namespace mitm {
namespace {

using boost::asio::ip::tcp;

using name_call = int (*)(int, sockaddr*, socklen_t*);

/// Returns an unspecified endpoint if the descriptor is no longer a connection.
tcp::endpoint asked(name_call call, int socket) {
  tcp::endpoint found;
  auto size = static_cast<socklen_t>(found.capacity());
  if (call(socket, found.data(), &size) != 0) return {};
  const auto family = found.data()->sa_family;
  return family == AF_INET || family == AF_INET6 ? found : tcp::endpoint();
}

tcp::endpoint local_of(int socket) {
  return asked(::getsockname, socket);
}

}  // namespace

own_upstreams::own_upstreams() : by_port_(std::make_unique<table>()) {}

void own_upstreams::opened(const tcp::socket& upstream) {
  const int socket = const_cast<tcp::socket&>(upstream).native_handle();
  (*by_port_)[local_of(socket).port()].store(socket + 1, std::memory_order_release);
}

bool own_upstreams::made(const tcp::socket& accepted, const tcp::endpoint& destination) {
  boost::system::error_code gone;
  const auto client = accepted.remote_endpoint(gone);
  if (gone) return false;
  auto& entry = (*by_port_)[client.port()];
  int known = entry.load(std::memory_order_acquire);
  if (known <= 0 || local_of(known - 1) != client) return false;
  // Several connections may share a port. Equal addresses mean that both ends are of one connection.
  const auto peer = asked(::getpeername, known - 1);
  if (peer != destination && peer != accepted.local_endpoint(gone)) return false;
  entry.compare_exchange_strong(known, -known);
  any_.store(true, std::memory_order_relaxed);
  return true;
}

bool own_upstreams::came_back(const tcp::socket& upstream) const {
  const int socket = const_cast<tcp::socket&>(upstream).native_handle();
  return (*by_port_)[local_of(socket).port()].load(std::memory_order_acquire) == -(socket + 1);
}

}  // namespace mitm
