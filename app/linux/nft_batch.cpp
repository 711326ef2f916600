#include "app/linux/nft_batch.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

namespace app::run {

// ---- the expressions of a rule

template <class Fill>
void rule_writer::expression(std::string_view name, Fill fill) {
  out_.nest(NFTA_LIST_ELEM, [&] {
    out_.put_text(NFTA_EXPR_NAME, name);
    out_.nest(NFTA_EXPR_DATA, fill);
  });
}

void rule_writer::value(std::uint16_t attribute, std::span<const std::byte> bytes) {
  out_.nest(attribute, [&] { out_.put(NFTA_DATA_VALUE, bytes); });
}

void rule_writer::meta(std::uint32_t key) {
  expression("meta", [&] {
    out_.put_network(NFTA_META_DREG, NFT_REG_1);
    out_.put_network(NFTA_META_KEY, key);
  });
}

void rule_writer::payload(field which) {
  expression("payload", [&] {
    out_.put_network(NFTA_PAYLOAD_DREG, NFT_REG_1);
    out_.put_network(NFTA_PAYLOAD_BASE, which.base);
    out_.put_network(NFTA_PAYLOAD_OFFSET, which.offset);
    out_.put_network(NFTA_PAYLOAD_LEN, which.length);
  });
}

void rule_writer::cgroup(std::uint32_t level) {
  expression("socket", [&] {
    out_.put_network(NFTA_SOCKET_DREG, NFT_REG_1);
    out_.put_network(NFTA_SOCKET_KEY, NFT_SOCKET_CGROUPV2);
    out_.put_network(NFTA_SOCKET_LEVEL, level);
  });
}

void rule_writer::mask(std::uint8_t bits) {
  expression("bitwise", [&] {
    out_.put_network(NFTA_BITWISE_SREG, NFT_REG_1);
    out_.put_network(NFTA_BITWISE_DREG, NFT_REG_1);
    out_.put_network(NFTA_BITWISE_LEN, 1);
    value(NFTA_BITWISE_MASK, raw(bits));
    value(NFTA_BITWISE_XOR, raw(std::uint8_t{0}));
  });
}

void rule_writer::compare(std::uint32_t how, std::span<const std::byte> operand) {
  expression("cmp", [&] {
    out_.put_network(NFTA_CMP_SREG, NFT_REG_1);
    out_.put_network(NFTA_CMP_OP, how);
    value(NFTA_CMP_DATA, operand);
  });
}

void rule_writer::family(std::uint8_t which) {
  meta(NFT_META_NFPROTO);
  compare(NFT_CMP_EQ, raw(which));
}

void rule_writer::protocol(std::uint8_t which) {
  meta(NFT_META_L4PROTO);
  compare(NFT_CMP_EQ, raw(which));
}

void rule_writer::count() {
  expression("counter", [] {});
}

void rule_writer::verdict(int code, std::string_view chain) {
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

void rule_writer::load_port(std::uint16_t port) {
  expression("immediate", [&] {
    out_.put_network(NFTA_IMMEDIATE_DREG, NFT_REG_1);
    value(NFTA_IMMEDIATE_DATA, raw(htons(port)));
  });
}

void rule_writer::deliver(std::uint8_t family, std::uint16_t port) {
  load_port(port);
  expression("tproxy", [&] {
    out_.put_network(NFTA_TPROXY_FAMILY, family);
    out_.put_network(NFTA_TPROXY_REG_PORT, NFT_REG_1);
  });
}

void rule_writer::redirect(std::uint16_t port) {
  load_port(port);
  expression("redir", [&] { out_.put_network(NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1); });
}

void rule_writer::reject() {
  expression("reject", [&] {
    out_.put_network(NFTA_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
    constexpr std::uint8_t code = NFT_REJECT_ICMPX_PORT_UNREACH;
    out_.put(NFTA_REJECT_ICMP_CODE, raw(code));
  });
}

// ---- tables, chains and rules

nft_batch::nft_batch(netlink_messages& out, std::string table) : out_(out), table_(std::move(table)) {
  edge(NFNL_MSG_BATCH_BEGIN);
}

void nft_batch::end() {
  edge(NFNL_MSG_BATCH_END);
}

void nft_batch::add_table(std::uint32_t flags) {
  begin(NFT_MSG_NEWTABLE, NLM_F_CREATE);
  out_.put_text(NFTA_TABLE_NAME, table_);
  if (flags != 0) out_.put_network(NFTA_TABLE_FLAGS, flags);
}

void nft_batch::delete_table() {
  begin(NFT_MSG_DELTABLE, 0);
  out_.put_text(NFTA_TABLE_NAME, table_);
}

void nft_batch::add_chain(std::string_view name) {
  begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  out_.put_text(NFTA_CHAIN_TABLE, table_);
  out_.put_text(NFTA_CHAIN_NAME, name);
}

void nft_batch::add_chain(std::string_view name, const hook& place) {
  add_chain(name);
  out_.nest(NFTA_CHAIN_HOOK, [&] {
    out_.put_network(NFTA_HOOK_HOOKNUM, place.number);
    out_.put_network(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(place.priority));
  });
  out_.put_text(NFTA_CHAIN_TYPE, place.type);
}

void nft_batch::begin_rule(std::string_view chain) {
  begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
  out_.put_text(NFTA_RULE_TABLE, table_);
  out_.put_text(NFTA_RULE_CHAIN, chain);
}

void nft_batch::edge(std::uint16_t type) {
  out_.begin(type, 0, nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)});
}

void nft_batch::begin(std::uint16_t message, std::uint16_t flags) {
  const auto type = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
  out_.begin(type, flags | NLM_F_ACK, nfgenmsg{NFPROTO_INET, NFNETLINK_V0, 0});
}

}  // namespace app::run
