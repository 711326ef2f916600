#include "app/run/capture_rules.hpp"

#include <array>
#include <string_view>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <netinet/in.h>

#include "app/linux/nft_batch.hpp"
#include "app/run/inner_address.hpp"

namespace app::run {
namespace {

constexpr const char* table = "zerogravity";
constexpr std::string_view capture_chain = "capture";
constexpr std::string_view loopback_chain = "loopback";
constexpr std::int32_t before_filters = -150;  // priority "mangle"
constexpr std::uint8_t syn = 0x02;
constexpr std::uint8_t ack = 0x10;

constexpr rule_writer::field tcp_flags{NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1};
constexpr rule_writer::field v4_network{NFT_PAYLOAD_NETWORK_HEADER, 16, 1};
constexpr rule_writer::field v4_destination{NFT_PAYLOAD_NETWORK_HEADER, 16, 4};
constexpr rule_writer::field v6_destination{NFT_PAYLOAD_NETWORK_HEADER, 24, 16};

/// Everything but the first packet of a TCP connection finds its socket by itself.
void leave_others_alone(nft_batch& rules) {
  rules.add_rule(capture_chain, [](rule_writer& rule) {
    rule.meta(NFT_META_L4PROTO);
    rule.compare(NFT_CMP_NEQ, raw(std::uint8_t{IPPROTO_TCP}));
    rule.verdict(NF_ACCEPT);
  });
  rules.add_rule(capture_chain, [](rule_writer& rule) {
    rule.payload(tcp_flags);
    rule.mask(syn | ack);
    rule.compare(NFT_CMP_NEQ, raw(syn));
    rule.verdict(NF_ACCEPT);
  });
}

void keep_own_traffic_inside(nft_batch& rules) {
  rules.add_rule(capture_chain, [](rule_writer& rule) {
    rule.family(NFPROTO_IPV4);
    rule.payload(v4_network);
    rule.compare(NFT_CMP_EQ, raw(std::uint8_t{127}));
    rule.verdict(NFT_JUMP, loopback_chain);
  });
  rules.add_rule(capture_chain, [](rule_writer& rule) {
    rule.family(NFPROTO_IPV6);
    rule.payload(v6_destination);
    rule.compare(NFT_CMP_EQ, raw(in6addr_loopback));
    rule.verdict(NFT_JUMP, loopback_chain);
  });
  rules.add_rule(capture_chain, [](rule_writer& rule) {
    rule.family(NFPROTO_IPV4);
    rule.payload(v4_destination);
    rule.compare(NFT_CMP_EQ, raw(inner_v4));
    rule.verdict(NF_ACCEPT);
  });
  rules.add_rule(capture_chain, [](rule_writer& rule) {
    rule.family(NFPROTO_IPV6);
    rule.payload(v6_destination);
    rule.compare(NFT_CMP_EQ, raw(inner_v6));
    rule.verdict(NF_ACCEPT);
  });
}

void let_out_to_host(nft_batch& rules, std::span<const std::uint16_t> ports) {
  for (const std::uint16_t port : ports) {
    rules.add_rule(loopback_chain, [port](rule_writer& rule) {
      rule.payload(tcp_or_udp_destination);
      rule.compare(NFT_CMP_EQ, raw(htons(port)));
      rule.verdict(NFT_RETURN);
    });
  }
  rules.add_rule(loopback_chain, [](rule_writer& rule) { rule.verdict(NF_ACCEPT); });
}

void capture(nft_batch& rules, std::uint8_t family, std::uint16_t port) {
  if (port == 0) return;
  rules.add_rule(capture_chain, [family, port](rule_writer& rule) {
    rule.family(family);
    rule.deliver(family, port);
  });
}

}  // namespace

netlink_messages capture_rules(const capture_targets& targets) {
  netlink_messages messages;
  nft_batch rules(messages, table);
  rules.add_table();
  rules.add_chain(loopback_chain);
  rules.add_chain(capture_chain, {"filter", NF_INET_PRE_ROUTING, before_filters});
  leave_others_alone(rules);
  keep_own_traffic_inside(rules);
  let_out_to_host(rules, targets.host_ports);
  capture(rules, NFPROTO_IPV4, targets.port_v4);
  capture(rules, NFPROTO_IPV6, targets.port_v6);
  rules.end();
  return messages;
}

}  // namespace app::run
