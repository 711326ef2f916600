#include "app/linux/netlink_message.hpp"

#include <cstring>

#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "app/linux/netlink_socket.hpp"

namespace app::run {
namespace {

nlmsghdr head_at(std::span<const std::byte> bytes, std::size_t at) {
  nlmsghdr head{};
  std::memcpy(&head, bytes.data() + at, sizeof head);
  return head;
}

TEST(netlink_messages, each_message_tells_its_length_and_begins_aligned) {
  netlink_messages out;
  out.begin(RTM_NEWLINK, NLM_F_ACK, ifinfomsg{});
  out.put_text(IFLA_IFNAME, "ab");
  out.begin(RTM_NEWADDR, 0, ifaddrmsg{});
  const auto first = head_at(out.bytes(), 0);
  EXPECT_EQ(first.nlmsg_len, sizeof(nlmsghdr) + sizeof(ifinfomsg) + 4 + 4);
  EXPECT_EQ(first.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
  const auto second = head_at(out.bytes(), first.nlmsg_len);
  EXPECT_EQ(second.nlmsg_type, RTM_NEWADDR);
  EXPECT_EQ(second.nlmsg_seq, 2u);
  EXPECT_EQ(first.nlmsg_len + second.nlmsg_len, out.bytes().size());
  EXPECT_EQ(out.acknowledged(), 1u);
}

TEST(netlink_messages, a_nest_holds_what_was_put_while_it_was_open) {
  netlink_messages out;
  out.begin(RTM_NEWLINK, 0, rtgenmsg{});
  out.nest(1, [&] {
    out.put_host(2, 7);
    out.nest(3, [&] { out.put_network(4, 1); });
  });
  out.put_host(5, 9);
  std::vector<std::pair<std::uint16_t, std::size_t>> outer;
  std::vector<std::uint16_t> inner;
  for_each_attribute(out.bytes().subspan(NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(rtgenmsg))),
                     [&](std::uint16_t type, auto value) {
                       outer.emplace_back(type, value.size());
                       if (type == 1)
                         for_each_attribute(value, [&](std::uint16_t each, auto) { inner.push_back(each); });
                     });
  EXPECT_THAT(outer, testing::ElementsAre(std::pair(1, 20), std::pair(5, 4)));
  EXPECT_THAT(inner, testing::ElementsAre(2, 3));
}

TEST(netlink_messages, an_attribute_longer_than_what_is_there_ends_the_walk) {
  netlink_messages out;
  out.begin(RTM_NEWLINK, 0, rtgenmsg{});
  out.put_host(1, 7);
  int seen = 0;
  const auto attributes = out.bytes().subspan(NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(rtgenmsg)));
  for_each_attribute(attributes.first(attributes.size() - 1), [&](std::uint16_t, auto) { ++seen; });
  EXPECT_EQ(seen, 0);
}

}  // namespace
}  // namespace app::run
