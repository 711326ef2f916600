#pragma once

// Writes nftables transactions (linux/netfilter/nf_tables.h) into netlink messages: tables, chains and rules of the
// family inet. Pure. capture_rules and redirect_rules use it.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <linux/netfilter/nf_tables.h>

#include "app/linux/netlink_message.hpp"

namespace app::run {

template <class T>
std::span<const std::byte> raw(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

/// Writes expressions into the open rule. Each load overwrites the one register.
class rule_writer {
 public:
  explicit rule_writer(netlink_messages& out) : out_(out) {}

  void meta(std::uint32_t key);
  struct field {
    std::uint32_t base;
    std::uint32_t offset;
    std::uint32_t length;
  };
  void payload(field which);
  /// The id of the packet's socket's cgroup, or of its ancestor at this level below the root.
  void cgroup(std::uint32_t level);
  void mask(std::uint8_t bits);
  void compare(std::uint32_t how, std::span<const std::byte> operand);

  /// meta nfproto, meta l4proto.
  void family(std::uint8_t which);
  void protocol(std::uint8_t which);

  void count();
  void verdict(int code, std::string_view chain = {});
  void deliver(std::uint8_t family, std::uint16_t port);  // tproxy to :port
  void redirect(std::uint16_t port);                      // redirect to :port
  void reject();

 private:
  template <class Fill>
  void expression(std::string_view name, Fill fill);
  void value(std::uint16_t attribute, std::span<const std::byte> bytes);
  void load_port(std::uint16_t port);

  netlink_messages& out_;
};

inline constexpr rule_writer::field tcp_or_udp_destination{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2};

/// One transaction about one table.
class nft_batch {
 public:
  nft_batch(netlink_messages& out, std::string table);
  void end();

  void add_table(std::uint32_t flags = 0);
  void delete_table();

  void add_chain(std::string_view name);
  struct hook {
    const char* type;  // filter, nat …
    std::uint32_t number;
    std::int32_t priority;
  };
  void add_chain(std::string_view name, const hook& place);

  template <class Write>
  void add_rule(std::string_view chain, Write write) {
    begin_rule(chain);
    out_.nest(NFTA_RULE_EXPRESSIONS, [&] {
      rule_writer rule(out_);
      write(rule);
    });
  }

 private:
  void edge(std::uint16_t type);
  void begin(std::uint16_t message, std::uint16_t flags);
  void begin_rule(std::string_view chain);

  netlink_messages& out_;
  std::string table_;
};

}  // namespace app::run
