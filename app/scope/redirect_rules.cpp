#include "app/scope/redirect_rules.hpp"

#include <utility>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <netinet/in.h>
#include <boost/crc.hpp>

#include "app/linux/nft_batch.hpp"
#include "mitm/upstream/redirect_pass.hpp"

namespace app::scope {
namespace {

using run::nft_batch;
using run::raw;
using run::rule_writer;

constexpr std::uint16_t tls_port = 443;
constexpr const char* redirect_chain = "redirect_tls";
constexpr const char* reject_chain = "reject_quic";
constexpr const char* tls_chain = "tls";
constexpr std::int32_t before_routing = -100;  // priority "dstnat" of the hook output

template <class Fill>
redirect_step step(const char* what, const std::string& table, Fill fill) {
  redirect_step made{what, {}};
  nft_batch batch(made.messages, table);
  fill(batch);
  batch.end();
  return made;
}

void match(rule_writer& rule, cgroup_match cgroup) {
  rule.cgroup(cgroup.level);
  rule.compare(NFT_CMP_EQ, raw(cgroup.id));
}

void match_port(rule_writer& rule, std::uint8_t protocol) {
  rule.protocol(protocol);
  rule.payload(run::tcp_or_udp_destination);
  rule.compare(NFT_CMP_EQ, raw(htons(tls_port)));
}

void redirect(nft_batch& rules, std::uint8_t family, std::uint16_t port) {
  rules.add_rule(tls_chain, [&](rule_writer& rule) {
    rule.family(family);
    match_port(rule, IPPROTO_TCP);
    rule.count();
    rule.redirect(port);
  });
}

/// POSIX cksum: the length follows the bytes, its lowest byte first.
std::uint32_t posix_checksum(const std::string& text) {
  boost::crc_optimal<32, 0x04c11db7, 0, 0xffffffff, false, false> sum;
  sum.process_bytes(text.data(), text.size());
  for (std::size_t length = text.size(); length != 0; length >>= 8) sum.process_byte(length & 0xff);
  return sum.checksum();
}

}  // namespace

std::vector<redirect_step> redirect_rules(const std::string& table, cgroup_match cgroup, redirect_ports ports) {
  std::vector<redirect_step> steps;
  // Adds before it deletes, because deleting fails if there is no table. The script may have left one.
  steps.push_back(step("have a table of its own (nftables, Linux 5.12)", table, [](nft_batch& rules) {
    rules.add_table();
    rules.delete_table();
    rules.add_table(NFT_TABLE_F_OWNER);
  }));
  steps.push_back(step("hook into outgoing connections (CONFIG_NFT_NAT)", table, [](nft_batch& rules) {
    rules.add_chain(tls_chain);
    rules.add_chain(redirect_chain, {"nat", NF_INET_LOCAL_OUT, before_routing});
    rules.add_chain(reject_chain, {"filter", NF_INET_LOCAL_OUT, 0});
  }));
  steps.push_back(step("reject UDP (CONFIG_NFT_REJECT_INET) in a cgroup (CONFIG_NFT_SOCKET, Linux 5.13)", table,
                       [&](nft_batch& rules) {
                         rules.add_rule(reject_chain, [&](rule_writer& rule) {
                           match(rule, cgroup);
                           match_port(rule, IPPROTO_UDP);
                           rule.count();
                           rule.reject();
                         });
                       }));
  steps.push_back(step("redirect connections (CONFIG_NFT_REDIR)", table, [&](nft_batch& rules) {
    redirect(rules, NFPROTO_IPV4, ports.v4);
    redirect(rules, NFPROTO_IPV6, ports.v6);
    rules.add_rule(redirect_chain, [&](rule_writer& rule) {
      match(rule, cgroup);
      rule.meta(NFT_META_PRIORITY);
      rule.compare(NFT_CMP_EQ, raw(std::uint32_t{mitm::pass_priority}));
      rule.count();
      rule.verdict(NF_ACCEPT);
    });
    rules.add_rule(redirect_chain, [&](rule_writer& rule) {
      match(rule, cgroup);
      rule.verdict(NFT_JUMP, tls_chain);
    });
  }));
  return steps;
}

std::string table_of_cgroup(const std::string& path) {
  return "zerogravity_cg_" + std::to_string(posix_checksum(path + '\n'));
}

}  // namespace app::scope
