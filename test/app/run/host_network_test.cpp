#include "app/run/host_network.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "app/linux/netlink_message.hpp"
#include "net/descriptor.hpp"

namespace app::run {
namespace {

struct route {
  const char* address;
  std::uint8_t length;
  std::uint8_t type = RTN_UNICAST;
  std::uint8_t family = AF_INET;
};

/// What becomes of the route as the kernel would send it.
std::optional<network_prefix> parsed(const route& given) {
  rtmsg header{};
  header.rtm_family = given.family;
  header.rtm_dst_len = given.length;
  header.rtm_type = given.type;
  std::array<std::byte, 16> address{};
  ::inet_pton(given.family, given.address, address.data());
  netlink_messages message;
  message.begin(RTM_NEWROUTE, 0, header);
  message.put(RTA_DST, std::span(address).first(given.family == AF_INET ? 4 : 16));
  nlmsghdr head{};
  head.nlmsg_type = RTM_NEWROUTE;
  network_prefix found;
  if (!parse_route(head, message.bytes().subspan(NLMSG_HDRLEN), found)) return std::nullopt;
  return found;
}

TEST(host_network, a_route_to_other_hosts_is_imitated) {
  const auto found = parsed({"10.1.0.0", 16});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->length, 16);
  EXPECT_EQ(found->address[1], 1);
  EXPECT_TRUE(parsed({"0.0.0.0", 0}));
  EXPECT_TRUE(parsed({"::", 0, RTN_UNICAST, AF_INET6}));
  EXPECT_TRUE(parsed({"fd00::2", 128, RTN_LOCAL, AF_INET6})) << "an address of the host itself";
}

TEST(host_network, what_never_leaves_the_host_or_its_link_is_not) {
  EXPECT_FALSE(parsed({"127.0.0.0", 8, RTN_LOCAL}));
  EXPECT_FALSE(parsed({"224.0.0.0", 4 + 4}));
  EXPECT_FALSE(parsed({"::1", 128, RTN_LOCAL, AF_INET6}));
  EXPECT_FALSE(parsed({"fe80::", 64, RTN_UNICAST, AF_INET6}));
  EXPECT_FALSE(parsed({"ff00::", 8, RTN_UNICAST, AF_INET6}));
  EXPECT_FALSE(parsed({"10.0.0.255", 32, RTN_BROADCAST}));
  EXPECT_FALSE(parsed({"10.0.0.0", 8, RTN_UNREACHABLE}));
}

TEST(host_network, a_port_served_on_loopback_is_found_once) {
  const net::descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  socklen_t length = sizeof at;
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &length);
  const auto ports = read_host_network().ports;
  EXPECT_EQ(std::ranges::count(ports, ntohs(at.sin_port)), 1);
}

}  // namespace
}  // namespace app::run
