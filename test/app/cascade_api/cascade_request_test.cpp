#include "app/cascade_api/cascade_request.hpp"

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

constexpr cascade::permission_policy configured{permission::deny, permission::report, permission::allow};

bool may_have(const cascade::permission_policy& wished, bool client_decides, bool with_key) {
  return !refuse_permissions(wished, {configured, client_decides}, with_key);
}

TEST(cascade_request, a_client_may_lower_what_is_granted_and_not_raise_it) {
  EXPECT_TRUE(may_have(configured, false, false));
  EXPECT_TRUE(may_have({permission::deny, permission::deny, permission::deny}, false, false));
  EXPECT_TRUE(may_have({permission::deny, permission::report, permission::report}, false, false));
  EXPECT_FALSE(may_have({permission::report, permission::deny, permission::deny}, false, false));
  EXPECT_FALSE(may_have({permission::deny, permission::allow, permission::deny}, false, false));
  EXPECT_FALSE(may_have({permission::allow, permission::allow, permission::allow}, false, false));
}

TEST(cascade_request, raising_takes_the_key_and_a_configuration_that_leaves_it_to_clients) {
  constexpr cascade::permission_policy all{permission::allow, permission::allow, permission::allow};
  EXPECT_FALSE(may_have(all, false, true));
  EXPECT_FALSE(may_have(all, true, false));
  EXPECT_TRUE(may_have(all, true, true));
  const auto refused = refuse_permissions(all, {configured, false}, true);
  EXPECT_EQ(refused->status, 403u);
  EXPECT_NE(refused->message.find("language_server.permission_command"), std::string::npos);
  EXPECT_NE(refuse_permissions(all, {configured, true}, false)->message.find("zerogravity key show"),
            std::string::npos);
}

TEST(cascade_request, a_step_whose_kind_is_denied_is_not_allowed_by_an_answer_either) {
  using enum cascade::interaction_kind;
  EXPECT_TRUE(refuse_allowing(run_command, {configured}, false));
  EXPECT_TRUE(refuse_allowing(run_command, {configured}, true));
  EXPECT_FALSE(refuse_allowing(file_permission, {configured}, false));
  EXPECT_FALSE(refuse_allowing(mcp, {configured}, false));
  EXPECT_TRUE(refuse_allowing(run_command, {configured, true}, false));
  EXPECT_FALSE(refuse_allowing(run_command, {configured, true}, true));
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
