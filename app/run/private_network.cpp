#include "app/run/private_network.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <boost/throw_exception.hpp>

#include "app/linux/netlink_socket.hpp"
#include "app/run/capture_rules.hpp"
#include "app/run/inner_address.hpp"

namespace app::run {
namespace {

constexpr std::uint8_t both_families[] = {AF_INET, AF_INET6};
constexpr int loopback_index = 1;  // in every network namespace
constexpr std::uint16_t dns_port = 53;
constexpr std::uint16_t create = NLM_F_CREATE | NLM_F_ACK;

setup_failure failed(std::string what, int error) {
  return {std::move(what), error};
}

std::span<const std::byte> bytes_of(const void* data, std::size_t size) {
  return {static_cast<const std::byte*>(data), size};
}

std::span<const std::byte> inner_address(std::uint8_t family) {
  return family == AF_INET ? bytes_of(inner_v4, sizeof inner_v4) : bytes_of(inner_v6, sizeof inner_v6);
}

void add_address(netlink_messages& out, std::uint8_t family) {
  const auto address = inner_address(family);
  ifaddrmsg header{family, static_cast<std::uint8_t>(address.size() * 8), 0, RT_SCOPE_UNIVERSE, loopback_index};
  // No other host can have this address already.
  if (family == AF_INET6) header.ifa_flags = IFA_F_NODAD;
  out.begin(RTM_NEWADDR, create, header);
  out.put(IFA_LOCAL, address);
  out.put(IFA_ADDRESS, address);
}

void add_route(netlink_messages& out, const network_prefix& prefix) {
  rtmsg header{};
  header.rtm_family = prefix.family;
  header.rtm_dst_len = prefix.length;
  header.rtm_table = RT_TABLE_LOCAL;
  header.rtm_protocol = RTPROT_STATIC;
  header.rtm_scope = RT_SCOPE_HOST;
  header.rtm_type = RTN_LOCAL;
  out.begin(RTM_NEWROUTE, create | NLM_F_REPLACE, header);
  out.put(RTA_DST, bytes_of(prefix.address.data(), prefix.family == AF_INET ? 4 : 16));
  out.put_host(RTA_OIF, loopback_index);
  // Without it, the source would be the destination itself, and a connection could connect to itself.
  out.put(RTA_PREFSRC, inner_address(prefix.family));
}

/// Each step is a commit of its own, so that its failure can be named.
template <class Fill>
setup_result<void> step(netlink_socket& socket, const char* what, Fill fill) {
  netlink_messages messages;
  fill(messages);
  if (const auto error = socket.commit(messages)) return failed(what, error.value());
  return {};
}

setup_result<void> raise_loopback(netlink_socket& socket) {
  return step(socket, "raise the loopback interface", [](netlink_messages& out) {
    ifinfomsg header{};
    header.ifi_index = loopback_index;
    header.ifi_flags = IFF_UP;
    header.ifi_change = IFF_UP;
    out.begin(RTM_NEWLINK, NLM_F_ACK, header);
  });
}

setup_result<void> make_local(netlink_socket& socket, std::span<const network_prefix> reachable, std::uint8_t family) {
  const auto to_family = [family](const network_prefix& each) { return each.family == family; };
  // Set even if the host can reach nothing, because an inner run recognises this run by the address.
  const bool only_loopback = family == AF_INET && reachable.empty();
  if (!only_loopback && std::ranges::none_of(reachable, to_family)) return {};
  auto addressed =
      step(socket, "give loopback an address", [family](netlink_messages& out) { add_address(out, family); });
  if (!addressed) return addressed;
  return step(socket, "add the routes", [&](netlink_messages& out) {
    for (const auto& each : reachable) {
      if (to_family(each)) add_route(out, each);
    }
  });
}

/// IPv4 is everywhere. A host that reaches nothing by IPv6 may still serve ::1.
bool kernel_has(std::uint8_t family) {
  return family == AF_INET || ::access("/proc/net/if_inet6", F_OK) == 0;
}

union any_address {
  sockaddr generic;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

any_address every_address(std::uint8_t family, std::uint16_t port) {
  any_address address{};
  if (family == AF_INET6) {
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
  } else {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
  }
  return address;
}

struct socket_plan {
  std::uint8_t family;
  int type;
  std::uint16_t port;  // 0: any
};

void enable(const net::descriptor& socket, int level, int option) {
  const int on = 1;
  ::setsockopt(socket.get(), level, option, &on, sizeof on);
}

setup_result<net::descriptor> bound_socket(const socket_plan& plan) {
  net::descriptor made(::socket(plan.family, plan.type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.valid()) return failed("make a socket", errno);
  const bool v6 = plan.family == AF_INET6;
  if (v6) enable(made, IPPROTO_IPV6, IPV6_V6ONLY);
  // Lets the socket send from addresses that are not ours.
  enable(made, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TRANSPARENT : IP_TRANSPARENT);
  if (plan.type == SOCK_DGRAM) enable(made, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVPKTINFO : IP_PKTINFO);
  const auto address = every_address(plan.family, plan.port);
  if (::bind(made.get(), &address.generic, v6 ? sizeof address.v6 : sizeof address.v4) != 0) {
    return failed("bind port " + std::to_string(plan.port), errno);
  }
  if (plan.type == SOCK_STREAM && ::listen(made.get(), SOMAXCONN) != 0) return failed("listen", errno);
  return made;
}

std::uint16_t port_of(const net::descriptor& socket) {
  any_address address{};
  socklen_t length = sizeof address;
  ::getsockname(socket.get(), &address.generic, &length);
  return ntohs(address.generic.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

setup_result<void> capture_every_port(const host_network& host, std::span<const std::uint8_t> families,
                                      private_network& made) {
  capture_targets targets;
  targets.host_ports = host.ports;
  for (const auto family : families) {
    auto listener = bound_socket({family, SOCK_STREAM, 0});
    if (!listener) return listener.error();
    (family == AF_INET ? targets.port_v4 : targets.port_v6) = port_of(*listener);
    made.listeners.push_back(std::move(*listener));
  }
  auto socket = netlink_socket::open(NETLINK_NETFILTER);
  const auto error = socket ? socket->commit(capture_rules(targets)) : socket.error();
  if (error) return failed("install nftables rules", error.value());
  return {};
}

setup_result<void> capture_usual_ports(std::span<const std::uint8_t> families, std::span<const std::uint16_t> further,
                                       private_network& made) {
  made.capture = capture_kind::usual_ports;
  made.listeners.clear();
  std::vector<std::uint16_t> ports(std::begin(usual_ports), std::end(usual_ports));
  for (const auto port : further) {
    if (std::ranges::find(ports, port) == ports.end()) ports.push_back(port);
  }
  for (const auto family : families) {
    for (const auto port : ports) {
      auto listener = bound_socket({family, SOCK_STREAM, port});
      if (!listener) return listener.error();
      made.listeners.push_back(std::move(*listener));
    }
  }
  return {};
}

}  // namespace

void throw_exception_from_error(const setup_failure& failure, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error(failure.what), where);
}

setup_result<private_network> raise_private_network(const host_network& host, capture_kind wanted,
                                                    std::span<const std::uint16_t> further_ports) {
  auto socket = netlink_socket::open(NETLINK_ROUTE);
  if (!socket) return failed("open a netlink socket", socket.error().value());
  if (auto up = raise_loopback(*socket); !up) return up.error();
  std::vector<std::uint8_t> families;
  for (const std::uint8_t family : both_families) {
    if (!kernel_has(family)) continue;
    auto local = make_local(*socket, host.reachable, family);
    if (!local && family == AF_INET) return local.error();
    // A kernel with IPv6 may disable it in new namespaces. Then the command has no IPv6.
    if (local) families.push_back(family);
  }
  private_network made;
  if (wanted == capture_kind::usual_ports || !capture_every_port(host, families, made)) {
    if (auto captured = capture_usual_ports(families, further_ports, made); !captured) return captured.error();
  }
  for (const auto family : families) {
    auto resolver = bound_socket({family, SOCK_DGRAM, dns_port});
    if (!resolver) return resolver.error();
    made.resolvers.push_back(std::move(*resolver));
  }
  made.sockets.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!made.sockets.valid()) return failed("open a netlink socket", errno);
  return made;
}

}  // namespace app::run
