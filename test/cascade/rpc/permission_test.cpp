#include "cascade/rpc/permission.hpp"

#include <gtest/gtest.h>

namespace cascade {
namespace {

waiting asking(interaction_kind kind) {
  return {.step = 7, .trajectory_id = "t", .kind = kind};
}

TEST(permission, a_command_is_confirmed_or_not) {
  for (const bool yes : {true, false}) {
    const auto answer = answer_to(asking(interaction_kind::run_command), yes);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->run_command().confirm(), yes);
    EXPECT_EQ(answer->trajectory_id(), "t");
    EXPECT_EQ(answer->step_index(), 7u);
  }
}

TEST(permission, a_file_is_allowed_once) {
  const auto answer = answer_to(asking(interaction_kind::file_permission), true);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->file_permission().allow());
  EXPECT_EQ(answer->file_permission().scope(), exa::cortex_pb::CascadeUserInteraction::PERMISSION_SCOPE_ONCE);
}

TEST(permission, other_questions_have_no_answer_of_yes_or_no) {
  for (const auto kind : {interaction_kind::unknown, interaction_kind::mcp, interaction_kind::browser}) {
    EXPECT_FALSE(answer_to(asking(kind), true));
  }
}

TEST(permission, each_kind_has_its_own_verdict_and_deny_is_the_default) {
  EXPECT_EQ(permission_policy().of(interaction_kind::run_command), permission::deny);
  EXPECT_EQ(permission_policy().of(interaction_kind::mcp), permission::deny);
  const permission_policy policy{permission::allow, permission::report, permission::deny};
  EXPECT_EQ(policy.of(interaction_kind::run_command), permission::allow);
  EXPECT_EQ(policy.of(interaction_kind::file_permission), permission::report);
  EXPECT_EQ(policy.of(interaction_kind::unknown), permission::deny);
}

}  // namespace
}  // namespace cascade
