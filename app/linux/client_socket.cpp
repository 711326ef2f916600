#include "app/linux/client_socket.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace app::run {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

void put_address(const tcp::endpoint& endpoint, __be32* out) {
  if (endpoint.address().is_v4()) {
    *out = htonl(endpoint.address().to_v4().to_uint());
  } else {
    const auto bytes = endpoint.address().to_v6().to_bytes();
    std::memcpy(out, bytes.data(), bytes.size());
  }
}

/// The socket with these addresses; if none is connected, the one that listens at the first.
std::optional<client_socket> find_socket(netlink_socket& kernel, const tcp::endpoint& own, const tcp::endpoint& peer) {
  inet_diag_req_v2 asked{};
  asked.sdiag_family = own.address().is_v4() ? AF_INET : AF_INET6;
  asked.sdiag_protocol = IPPROTO_TCP;
  asked.idiag_states = ~0u;
  asked.id.idiag_sport = htons(own.port());
  asked.id.idiag_dport = htons(peer.port());
  put_address(own, asked.id.idiag_src);
  put_address(peer, asked.id.idiag_dst);
  asked.id.idiag_cookie[0] = asked.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  netlink_messages request;
  request.begin(SOCK_DIAG_BY_FAMILY, NLM_F_ACK, asked);
  std::optional<client_socket> found;
  kernel.dump(request, [&](const nlmsghdr&, std::span<const std::byte> payload) {
    inet_diag_msg answer{};
    if (payload.size() < sizeof answer) return;
    std::memcpy(&answer, payload.data(), sizeof answer);
    const auto* cookie = answer.id.idiag_cookie;
    found = client_socket{answer.idiag_uid, answer.idiag_inode, std::uint64_t{cookie[1]} << 32 | cookie[0],
                          answer.idiag_state};
  });
  return found;
}

}  // namespace

std::optional<client_socket> find_client_socket(netlink_socket& kernel, const tcp::endpoint& client,
                                                const tcp::endpoint& peer) {
  const auto found = find_socket(kernel, client, peer);
  // For a closed connection the kernel falls back to the socket that listens at its address.
  return found && found->state != TCP_LISTEN ? found : std::nullopt;
}

std::optional<client_socket> find_listening_socket(netlink_socket& kernel, const tcp::endpoint& local) {
  const auto any =
      local.address().is_v4() ? asio::ip::address(asio::ip::address_v4::any()) : asio::ip::address_v6::any();
  const auto found = find_socket(kernel, local, {any, 0});
  return found && found->state == TCP_LISTEN ? found : std::nullopt;
}

}  // namespace app::run
