#include "app/run/capture_rules.hpp"

#include <array>
#include <string_view>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>

#include "app/run/inner_address.hpp"

namespace app::run {
namespace {

constexpr std::string_view table = "zerogravity";
constexpr std::string_view capture_chain = "capture";
constexpr std::string_view loopback_chain = "loopback";
constexpr std::uint32_t before_filters = static_cast<std::uint32_t>(-150);  // priority "mangle"
constexpr std::uint8_t syn = 0x02;
constexpr std::uint8_t ack = 0x10;

template <class T>
std::span<const std::byte> raw(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

/// Writes expressions into the rule that is open.
class rule_writer {
 public:
  explicit rule_writer(netlink_messages& out) : out_(out) {}

  void meta(std::uint32_t key) {
    expression("meta", [&] {
      out_.put_network(NFTA_META_DREG, NFT_REG_1);
      out_.put_network(NFTA_META_KEY, key);
    });
  }

  struct field {
    std::uint32_t base;
    std::uint32_t offset;
    std::uint32_t length;
  };
  void payload(field at) {
    expression("payload", [&] {
      out_.put_network(NFTA_PAYLOAD_DREG, NFT_REG_1);
      out_.put_network(NFTA_PAYLOAD_BASE, at.base);
      out_.put_network(NFTA_PAYLOAD_OFFSET, at.offset);
      out_.put_network(NFTA_PAYLOAD_LEN, at.length);
    });
  }

  void mask(std::uint8_t bits) {
    expression("bitwise", [&] {
      out_.put_network(NFTA_BITWISE_SREG, NFT_REG_1);
      out_.put_network(NFTA_BITWISE_DREG, NFT_REG_1);
      out_.put_network(NFTA_BITWISE_LEN, 1);
      value(NFTA_BITWISE_MASK, raw(bits));
      value(NFTA_BITWISE_XOR, raw(std::uint8_t{0}));
    });
  }

  void compare(std::uint32_t how, std::span<const std::byte> with) {
    expression("cmp", [&] {
      out_.put_network(NFTA_CMP_SREG, NFT_REG_1);
      out_.put_network(NFTA_CMP_OP, how);
      value(NFTA_CMP_DATA, with);
    });
  }

  void verdict(int code, std::string_view chain = {}) {
    expression("immediate", [&] {
      out_.put_network(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
      out_.nest(NFTA_IMMEDIATE_DATA, [&] {
        out_.nest(NFTA_DATA_VERDICT, [&] {
          out_.put_network(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(code));
          if (!chain.empty()) out_.put_text(NFTA_VERDICT_CHAIN, chain);
        });
      });
    });
  }

  void deliver(std::uint8_t family, std::uint16_t port) {
    expression("immediate", [&] {
      out_.put_network(NFTA_IMMEDIATE_DREG, NFT_REG_1);
      value(NFTA_IMMEDIATE_DATA, raw(htons(port)));
    });
    expression("tproxy", [&] {
      out_.put_network(NFTA_TPROXY_FAMILY, family);
      out_.put_network(NFTA_TPROXY_REG_PORT, NFT_REG_1);
    });
  }

  void family(std::uint8_t which) {
    meta(NFT_META_NFPROTO);
    compare(NFT_CMP_EQ, raw(which));
  }

 private:
  template <class Fill>
  void expression(std::string_view name, Fill fill) {
    out_.nest(NFTA_LIST_ELEM, [&] {
      out_.put_text(NFTA_EXPR_NAME, name);
      out_.nest(NFTA_EXPR_DATA, fill);
    });
  }

  void value(std::uint16_t attribute, std::span<const std::byte> bytes) {
    out_.nest(attribute, [&] { out_.put(NFTA_DATA_VALUE, bytes); });
  }

  netlink_messages& out_;
};

constexpr rule_writer::field tcp_flags{NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1};
constexpr rule_writer::field tcp_destination{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2};
constexpr rule_writer::field v4_network{NFT_PAYLOAD_NETWORK_HEADER, 16, 1};
constexpr rule_writer::field v4_destination{NFT_PAYLOAD_NETWORK_HEADER, 16, 4};
constexpr rule_writer::field v6_destination{NFT_PAYLOAD_NETWORK_HEADER, 24, 16};

class transaction {
 public:
  explicit transaction(netlink_messages& out) : out_(out) {}

  void edge(std::uint16_t type) { out_.begin(type, 0, nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)}); }

  void add_table() {
    begin(NFT_MSG_NEWTABLE, NLM_F_CREATE);
    out_.put_text(NFTA_TABLE_NAME, table);
  }

  void add_chain(std::string_view name) {
    begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE);
    out_.put_text(NFTA_CHAIN_TABLE, table);
    out_.put_text(NFTA_CHAIN_NAME, name);
  }

  void hook_chain() {
    out_.nest(NFTA_CHAIN_HOOK, [&] {
      out_.put_network(NFTA_HOOK_HOOKNUM, NF_INET_PRE_ROUTING);
      out_.put_network(NFTA_HOOK_PRIORITY, before_filters);
    });
    out_.put_text(NFTA_CHAIN_TYPE, "filter");
  }

  template <class Write>
  void add_rule(std::string_view chain, Write write) {
    begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    out_.put_text(NFTA_RULE_TABLE, table);
    out_.put_text(NFTA_RULE_CHAIN, chain);
    out_.nest(NFTA_RULE_EXPRESSIONS, [&] {
      rule_writer rule(out_);
      write(rule);
    });
  }

 private:
  void begin(std::uint16_t message, std::uint16_t flags) {
    const auto type = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
    out_.begin(type, flags | NLM_F_ACK, nfgenmsg{NFPROTO_INET, NFNETLINK_V0, 0});
  }

  netlink_messages& out_;
};

/// Everything but the first packet of a TCP connection finds its socket by itself.
void leave_others_alone(transaction& rules) {
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

void keep_own_traffic_inside(transaction& rules) {
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

void let_out_to_host(transaction& rules, std::span<const std::uint16_t> ports) {
  for (const std::uint16_t port : ports) {
    rules.add_rule(loopback_chain, [port](rule_writer& rule) {
      rule.payload(tcp_destination);
      rule.compare(NFT_CMP_EQ, raw(htons(port)));
      rule.verdict(NFT_RETURN);
    });
  }
  rules.add_rule(loopback_chain, [](rule_writer& rule) { rule.verdict(NF_ACCEPT); });
}

void capture(transaction& rules, std::uint8_t family, std::uint16_t port) {
  if (port == 0) return;
  rules.add_rule(capture_chain, [family, port](rule_writer& rule) {
    rule.family(family);
    rule.deliver(family, port);
  });
}

}  // namespace

netlink_messages capture_rules(const capture_targets& targets) {
  netlink_messages messages;
  transaction rules(messages);
  rules.edge(NFNL_MSG_BATCH_BEGIN);
  rules.add_table();
  rules.add_chain(loopback_chain);
  rules.add_chain(capture_chain);
  rules.hook_chain();
  leave_others_alone(rules);
  keep_own_traffic_inside(rules);
  let_out_to_host(rules, targets.host_ports);
  capture(rules, NFPROTO_IPV4, targets.port_v4);
  capture(rules, NFPROTO_IPV6, targets.port_v6);
  rules.edge(NFNL_MSG_BATCH_END);
  return messages;
}

}  // namespace app::run
