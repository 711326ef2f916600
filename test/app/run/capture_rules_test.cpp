#include "app/run/capture_rules.hpp"

#include <array>

#include <gmock/gmock.h>

namespace app::run {
namespace {

std::size_t messages_for(const capture_targets& targets) {
  return capture_rules(targets).acknowledged();
}

bool holds_port(const capture_targets& targets, std::uint16_t port) {
  const auto rules = capture_rules(targets);
  const auto bytes = rules.bytes();
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    if (bytes[at - 1] == std::byte(port >> 8) && bytes[at] == std::byte(port & 0xff)) return true;
  }
  return false;
}

// That the kernel takes them, and what they do, is shown by test/e2e/run_test.sh.
TEST(capture_rules, each_port_of_the_host_is_a_rule_more) {
  const std::array<std::uint16_t, 3> ports{53, 631, 11434};
  const auto without = messages_for({.port_v4 = 40000, .port_v6 = 40001, .host_ports = {}});
  EXPECT_EQ(messages_for({.port_v4 = 40000, .port_v6 = 40001, .host_ports = ports}), without + ports.size());
  EXPECT_TRUE(holds_port({.port_v4 = 40000, .port_v6 = 40001, .host_ports = ports}, 11434));
  EXPECT_FALSE(holds_port({.port_v4 = 40000, .port_v6 = 40001, .host_ports = {}}, 11434));
}

TEST(capture_rules, without_ipv6_nothing_of_it_is_captured) {
  EXPECT_EQ(messages_for({.port_v4 = 40000, .port_v6 = 0, .host_ports = {}}) + 1,
            messages_for({.port_v4 = 40000, .port_v6 = 40001, .host_ports = {}}));
}

}  // namespace
}  // namespace app::run
