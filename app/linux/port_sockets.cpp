#include "app/linux/port_sockets.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace app::run {
namespace {

namespace ip = boost::asio::ip;

// States in which a process may receive data. A socket that is only bound receives nothing, and anybody can have one.
constexpr std::uint32_t readable_states = 1u << TCP_LISTEN | 1u << TCP_ESTABLISHED | 1u << TCP_FIN_WAIT1 |
                                          1u << TCP_FIN_WAIT2 | 1u << TCP_CLOSE_WAIT | 1u << TCP_CLOSING |
                                          1u << TCP_LAST_ACK;

/// An address in the format of a dump of `family`.
ip::address dumped_address(int family, const __be32 (&words)[4]) {
  if (family == AF_INET) return ip::address_v4(ntohl(words[0]));
  ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), words, bytes.size());
  const ip::address_v6 address(bytes);
  if (address.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address);
  return address;
}

/// IPV6_V6ONLY, from the attributes after the message.
bool takes_ipv6_only(std::span<const std::byte> attributes) {
  bool only = false;
  for_each_attribute(attributes, [&](std::uint16_t type, std::span<const std::byte> value) {
    if (type == INET_DIAG_SKV6ONLY && !value.empty()) only = value.front() != std::byte{0};
  });
  return only;
}

/// Whether a socket bound to `own` can receive a connection to `address`.
bool reaches(const ip::address& own, const ip::address& address, bool ipv6_only) {
  if (own == address) return true;
  if (!own.is_unspecified()) return false;
  return own.is_v4() == address.is_v4() || (own.is_v6() && !ipv6_only);
}

boost::system::error_code list_family(netlink_socket& kernel, int family, const ip::tcp::endpoint& address,
                                      std::vector<port_socket>& found) {
  inet_diag_req_v2 asked{};
  asked.sdiag_family = static_cast<std::uint8_t>(family);
  asked.sdiag_protocol = IPPROTO_TCP;
  asked.idiag_states = readable_states;
  asked.id.idiag_sport = htons(address.port());
  netlink_messages request;
  request.begin(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, asked);
  return kernel.dump(request, [&](const nlmsghdr&, std::span<const std::byte> payload) {
    inet_diag_msg socket{};
    if (payload.size() < sizeof socket) return;
    std::memcpy(&socket, payload.data(), sizeof socket);
    if (socket.idiag_inode == 0 || ntohs(socket.id.idiag_sport) != address.port()) return;
    const bool ipv6_only = takes_ipv6_only(payload.subspan(sizeof socket));
    if (!reaches(dumped_address(family, socket.id.idiag_src), address.address(), ipv6_only)) return;
    found.push_back({socket.idiag_uid,
                     socket.idiag_inode,
                     socket.idiag_state == TCP_LISTEN,
                     {dumped_address(family, socket.id.idiag_dst), ntohs(socket.id.idiag_dport)}});
  });
}

}  // namespace

net::result<std::vector<port_socket>> sockets_at(netlink_socket& kernel, const ip::tcp::endpoint& address) {
  std::vector<port_socket> found;
  for (const int family : {AF_INET, AF_INET6}) {
    if (const auto error = list_family(kernel, family, address, found)) {
      // A kernel without IPv6 has no such sockets.
      if (family == AF_INET6 && error == boost::system::errc::no_such_file_or_directory) continue;
      return error;
    }
  }
  return found;
}

}  // namespace app::run
