#include "app/cascade_request.hpp"

#include <gtest/gtest.h>

namespace app {
namespace {

using cascade::permission;

std::string wrong_member(std::string_view body) {
  const auto wish = parse_turn_wish(body, {});
  return wish.has_error() ? wish.error().param.value_or(wish.error().code) : "nothing";
}

TEST(cascade_request, needs_words_and_nothing_else) {
  const auto wish = parse_turn_wish(R"({"text":"hello"})", {permission::report, permission::allow, permission::deny});
  ASSERT_TRUE(wish.has_value());
  EXPECT_EQ(wish->text, "hello");
  EXPECT_EQ(wish->model, "");
  EXPECT_EQ(wish->permissions.run_command, permission::report);
  EXPECT_EQ(wish->permissions.file, permission::allow);
}

TEST(cascade_request, one_permission_is_for_all_kinds_and_an_object_for_some) {
  const auto all = parse_turn_wish(R"({"text":"a","permissions":"allow"})", {});
  EXPECT_EQ(all->permissions.other, permission::allow);
  const auto some = parse_turn_wish(R"({"text":"a","permissions":{"file":"report"}})", {});
  EXPECT_EQ(some->permissions.file, permission::report);
  EXPECT_EQ(some->permissions.run_command, permission::deny);
}

TEST(cascade_request, a_body_that_is_wrong_is_refused_by_the_member_that_is) {
  EXPECT_EQ(wrong_member("{"), "bad_request");
  EXPECT_EQ(wrong_member("[]"), "bad_request");
  EXPECT_EQ(wrong_member("{}"), "text");
  EXPECT_EQ(wrong_member(R"({"text":""})"), "text");
  EXPECT_EQ(wrong_member(R"({"text":1})"), "text");
  EXPECT_EQ(wrong_member(R"({"text":"a","model":1})"), "model");
  EXPECT_EQ(wrong_member(R"({"text":"a","permissions":"maybe"})"), "permissions");
  EXPECT_EQ(wrong_member(R"({"text":"a","permissions":{"file":"maybe"}})"), "permissions.file");
  EXPECT_EQ(wrong_member(R"({"text":"a","permissions":{"files":"deny"}})"), "permissions.files");
}

TEST(cascade_request, an_interaction_names_its_step_and_says_yes_or_no) {
  const auto answer = parse_interaction(R"({"step":3,"trajectory_id":"t","kind":"run_command","allow":true})");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->step, 3u);
  EXPECT_EQ(answer->kind, cascade::interaction_kind::run_command);
  EXPECT_TRUE(answer->allow);
  for (const char* wrong : {R"({"kind":"file","allow":true})", R"({"step":-1,"kind":"file","allow":true})",
                            R"({"step":1,"kind":"other","allow":true})", R"({"step":1,"kind":"file","allow":"yes"})"}) {
    EXPECT_TRUE(parse_interaction(wrong).has_error()) << wrong;
  }
}

}  // namespace
}  // namespace app
