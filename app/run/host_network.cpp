#include "app/run/host_network.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "app/linux/netlink_socket.hpp"

namespace app::run {
namespace {

constexpr std::uint8_t both_families[] = {AF_INET, AF_INET6};

bool never_leaves(const network_prefix& prefix) {
  if (prefix.family == AF_INET) return prefix.length >= 8 && (prefix.address[0] == 127 || prefix.address[0] >= 224);
  const bool link_local = prefix.length >= 10 && prefix.address[0] == 0xfe && (prefix.address[1] & 0xc0) == 0x80;
  const bool multicast = prefix.length >= 8 && prefix.address[0] == 0xff;
  const bool loopback = prefix.length == 128 && std::ranges::equal(prefix.address, std::span(in6addr_loopback.s6_addr));
  return link_local || multicast || loopback;
}

std::vector<network_prefix> read_routes() {
  std::vector<network_prefix> found;
  auto socket = netlink_socket::open(NETLINK_ROUTE);
  if (!socket) return found;
  for (const std::uint8_t family : both_families) {
    netlink_messages request;
    rtmsg header{};
    header.rtm_family = family;
    request.begin(RTM_GETROUTE, NLM_F_DUMP, header);
    socket->dump(request, [&](const nlmsghdr& head, std::span<const std::byte> payload) {
      network_prefix prefix;
      if (found.size() < max_prefixes && parse_route(head, payload, prefix)) found.push_back(prefix);
    });
  }
  return found;
}

/// Listens on every address or on loopback.
bool serves_loopback(const inet_diag_msg& socket) {
  const auto* address = socket.id.idiag_src;
  if (socket.idiag_family == AF_INET) return address[0] == 0 || (ntohl(address[0]) >> 24) == 127;
  const bool mapped = address[0] == 0 && address[1] == 0 && address[2] == htonl(0xffff);
  if (mapped) return (ntohl(address[3]) >> 24) == 127;
  return address[0] == 0 && address[1] == 0 && address[2] == 0 && ntohl(address[3]) <= 1;
}

std::vector<std::uint16_t> read_ports() {
  std::vector<std::uint16_t> found;
  auto socket = netlink_socket::open(NETLINK_SOCK_DIAG);
  if (!socket) return found;
  for (const std::uint8_t family : both_families) {
    netlink_messages request;
    inet_diag_req_v2 asked{};
    asked.sdiag_family = family;
    asked.sdiag_protocol = IPPROTO_TCP;
    asked.idiag_states = 1u << TCP_LISTEN;
    request.begin(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, asked);
    socket->dump(request, [&](const nlmsghdr&, std::span<const std::byte> payload) {
      inet_diag_msg listener{};
      if (payload.size() < sizeof listener || found.size() >= max_host_ports) return;
      std::memcpy(&listener, payload.data(), sizeof listener);
      if (serves_loopback(listener)) found.push_back(ntohs(listener.id.idiag_sport));
    });
  }
  return found;
}

template <class T>
void sort_once(std::vector<T>& all) {
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
}

}  // namespace

bool parse_route(const nlmsghdr& head, std::span<const std::byte> payload, network_prefix& into) {
  rtmsg route{};
  if (head.nlmsg_type != RTM_NEWROUTE || payload.size() < sizeof route) return false;
  std::memcpy(&route, payload.data(), sizeof route);
  if (route.rtm_type != RTN_UNICAST && route.rtm_type != RTN_LOCAL) return false;
  if ((route.rtm_flags & RTM_F_CLONED) != 0) return false;
  into = {route.rtm_family, route.rtm_dst_len, {}};
  for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof route)),
                     [&](std::uint16_t type, std::span<const std::byte> value) {
                       if (type == RTA_DST)
                         std::memcpy(into.address.data(), value.data(), std::min(value.size(), into.address.size()));
                     });
  return !never_leaves(into);
}

host_network read_host_network() {
  host_network host{read_routes(), read_ports()};
  if (host.reachable.empty()) host.reachable.push_back({AF_INET, 0, {}});
  sort_once(host.reachable);
  sort_once(host.ports);
  return host;
}

}  // namespace app::run
