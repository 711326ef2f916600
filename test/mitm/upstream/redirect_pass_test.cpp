#include "mitm/upstream/redirect_pass.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include <sys/socket.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "mitm/upstream/upstream.hpp"

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

int option(tcp::socket& socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(socket.native_handle(), level, name, &value, &size), 0);
  return value;
}

int priority(tcp::socket& socket) {
  return option(socket, SOL_SOCKET, SO_PRIORITY);
}

TEST(redirect_pass, a_mark_is_a_priority_and_a_hop_limit_and_is_taken_off_again) {
  asio::io_context io;
  tcp::socket v4(io, tcp::v4());
  const int usual = option(v4, IPPROTO_IP, IP_TTL);
  mitm::mark_to_pass(v4);
  EXPECT_EQ(priority(v4), mitm::pass_priority);
  EXPECT_EQ(option(v4, IPPROTO_IP, IP_TTL), mitm::pass_hop_limit);
  mitm::unmark(v4);
  EXPECT_EQ(priority(v4), 0);
  EXPECT_EQ(option(v4, IPPROTO_IP, IP_TTL), usual);
  EXPECT_NE(usual, mitm::pass_hop_limit);
}

TEST(redirect_pass, one_of_ipv6_is_marked_for_both_families) {
  asio::io_context io;
  tcp::socket v6(io, tcp::v6());
  mitm::mark_to_pass(v6);
  EXPECT_EQ(priority(v6), mitm::pass_priority);
  EXPECT_EQ(option(v6, IPPROTO_IPV6, IPV6_UNICAST_HOPS), mitm::pass_hop_limit);
  EXPECT_EQ(option(v6, IPPROTO_IP, IP_TTL), mitm::pass_hop_limit);
}

TEST(redirect_pass, a_connection_to_an_origin_has_no_mark_left) {
  asio::io_context io;
  tcp::acceptor origin(io, {asio::ip::address_v4::loopback(), 0});
  std::optional<tcp::socket> connected;
  const auto connect = [](tcp::endpoint to, std::optional<tcp::socket>& into) -> asio::awaitable<void> {
    auto made = co_await mitm::connect_upstream(to, net::after(std::chrono::seconds(10)), mitm::redirects::passed);
    if (made.has_value()) into.emplace(std::move(*made));
  };
  asio::co_spawn(io, connect(origin.local_endpoint(), connected), asio::detached);
  io.run();
  ASSERT_TRUE(connected);
  EXPECT_EQ(priority(*connected), 0);
  EXPECT_NE(option(*connected, IPPROTO_IP, IP_TTL), mitm::pass_hop_limit);
}

}  // namespace
