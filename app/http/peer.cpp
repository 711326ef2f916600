#include "app/http/peer.hpp"

#include <cstring>
#include <fstream>

#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/ip/tcp.hpp>

#include "app/linux/client_socket.hpp"
#include "app/linux/netlink_socket.hpp"

namespace app {
namespace {

using asio::ip::tcp;
using generic_endpoint = asio::generic::stream_protocol::endpoint;

std::optional<tcp::endpoint> as_tcp(const generic_endpoint& endpoint) {
  const auto family = endpoint.protocol().family();
  if (family != AF_INET && family != AF_INET6) return std::nullopt;
  tcp::endpoint made;
  made.resize(endpoint.size());
  std::memcpy(made.data(), endpoint.data(), endpoint.size());
  return made;
}

/// The uid shown for users without one in our user namespace. Several users share it.
std::uint32_t overflow_uid() {
  static const std::uint32_t number = [] {
    std::uint32_t read = 65'534;
    std::ifstream("/proc/sys/kernel/overflowuid") >> read;
    return read;
  }();
  return number;
}

std::optional<std::uint32_t> unless_shared(std::uint32_t uid) {
  return uid == overflow_uid() ? std::nullopt : std::optional(uid);
}

/// While our end is connected, no other socket can have the client's pair of addresses.
bool still_connected(api_socket& accepted) {
  tcp_info now{};
  socklen_t size = sizeof now;
  if (::getsockopt(accepted.native_handle(), IPPROTO_TCP, TCP_INFO, &now, &size) != 0) return false;
  return now.tcpi_state == TCP_ESTABLISHED || now.tcpi_state == TCP_CLOSE_WAIT;
}

std::optional<std::uint32_t> owner_of_client(api_socket& accepted, const tcp::endpoint& client,
                                             const tcp::endpoint& local) {
  auto kernel = run::netlink_socket::open(NETLINK_SOCK_DIAG);
  if (kernel.has_error()) return std::nullopt;
  const auto found = run::find_client_socket(*kernel, client, local);
  // A socket that its process has closed has no inode and always root's uid. One that is still connecting belongs to
  // another connection.
  if (!found || found->inode == 0 || found->state == TCP_SYN_SENT) return std::nullopt;
  if (!still_connected(accepted)) return std::nullopt;
  return unless_shared(found->uid);
}

std::optional<std::uint32_t> owner_of_unix_peer(api_socket& accepted) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(accepted.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return unless_shared(peer.uid);
}

}  // namespace

bool api_peer::is_same_user() const {
  if (!uid || !(loopback || unix_socket)) return false;
  return *uid == ::geteuid() || *uid == 0;
}

api_peer find_api_peer(api_socket& accepted) {
  boost::system::error_code gone;
  const auto local = accepted.local_endpoint(gone);
  if (gone) return {};
  if (local.protocol().family() == AF_UNIX) return {.uid = owner_of_unix_peer(accepted), .unix_socket = true};
  const auto remote = accepted.remote_endpoint(gone);
  if (gone) return {};
  const auto client = as_tcp(remote);
  const auto server = as_tcp(local);
  if (!client || !server || !client->address().is_loopback() || !server->address().is_loopback()) return {};
  return {.uid = owner_of_client(accepted, *client, *server), .loopback = true};
}

std::optional<std::uint32_t> find_server_owner(api_socket& connected) {
  boost::system::error_code gone;
  const auto remote = connected.remote_endpoint(gone);
  if (gone) return std::nullopt;
  if (remote.protocol().family() == AF_UNIX) return owner_of_unix_peer(connected);  // who listened
  const auto server = as_tcp(remote);
  const auto client = as_tcp(connected.local_endpoint(gone));
  auto kernel = run::netlink_socket::open(NETLINK_SOCK_DIAG);
  if (gone || !server || !client || kernel.has_error() || !server->address().is_loopback()) return std::nullopt;
  const auto accepted = run::find_client_socket(*kernel, *server, *client);
  if (!accepted) return std::nullopt;
  if (accepted->inode != 0) return unless_shared(accepted->uid);
  const auto listening = run::find_listening_socket(*kernel, *server);
  return listening ? unless_shared(listening->uid) : std::nullopt;
}

asio::ip::address local_address(const api_socket& accepted) {
  boost::system::error_code gone;
  const auto local = accepted.local_endpoint(gone);
  const auto address = gone ? std::nullopt : as_tcp(local);
  return address ? address->address() : asio::ip::address();
}

}  // namespace app
