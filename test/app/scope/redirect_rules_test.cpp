#include "app/scope/redirect_rules.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "mitm/upstream/redirect_pass.hpp"

namespace app::scope {
namespace {

bool holds(const redirect_step& step, std::string_view text) {
  const auto bytes = step.messages.bytes();
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return all.find(text) != std::string_view::npos;
}

bool holds_port(const std::vector<redirect_step>& steps, std::uint16_t port) {
  const char bytes[] = {static_cast<char>(port >> 8), static_cast<char>(port & 0xff)};
  return std::ranges::any_of(steps, [&](const redirect_step& each) { return holds(each, {bytes, 2}); });
}

// That the kernel takes them, and what they do, is shown by test/e2e/scope_test.sh.
TEST(redirect_rules, each_family_goes_to_its_own_port_of_the_one_table) {
  const auto steps = redirect_rules("zerogravity_cg_7", {77, 2}, {41234, 41235});
  EXPECT_TRUE(holds_port(steps, 41234));
  EXPECT_TRUE(holds_port(steps, 41235));
  EXPECT_FALSE(holds_port(steps, 41236));
  for (const auto& each : steps) EXPECT_TRUE(holds(each, "zerogravity_cg_7")) << each.what;
}

TEST(redirect_rules, what_has_the_mark_of_a_run_is_accepted_before_the_redirect) {
  const auto steps = redirect_rules("zerogravity_cg_7", {77, 2}, {41234, 41235});
  const auto bytes = steps.back().messages.bytes();
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const int priority = mitm::pass_priority;
  const auto mark = all.find(std::string_view(reinterpret_cast<const char*>(&priority), sizeof priority));
  ASSERT_NE(mark, std::string_view::npos);
  EXPECT_LT(all.find("meta"), mark);
  EXPECT_GT(all.rfind("tls"), mark) << "the jump to the redirect comes after";
}

TEST(redirect_rules, a_table_is_named_by_the_checksum_that_cksum_gives_the_line_with_its_path) {
  EXPECT_EQ(table_of_cgroup("/user.slice/x"), "zerogravity_cg_2845677443");  // printf '/user.slice/x\n' | cksum
  EXPECT_EQ(table_of_cgroup("/zgx"), "zerogravity_cg_517830910");
}

}  // namespace
}  // namespace app::scope
