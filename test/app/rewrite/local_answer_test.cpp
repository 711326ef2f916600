#include "app/rewrite/local_answer.hpp"

#include <gmock/gmock.h>

#include "test/app/rewrite/rule_fixture.hpp"

namespace app::rewrite {
namespace {

using usage::provider;

std::string field(const mitm::local_answer& answer, std::string_view name) {
  for (const auto& one : answer.fields) {
    if (one.name == name) return one.value;
  }
  return "none";
}

mitm::local_answer answer_to(provider asked, action act) {
  const auto one = make_rule("r", {std::move(act)});
  return make_answer(one, *answer_of(one), asked);
}

TEST(local_answer, a_block_speaks_as_the_provider_that_was_asked) {
  const block act{"no \"opus\"", 403};
  EXPECT_EQ(answer_to(provider::google, act).body,
            R"({"error":{"code":403,"message":"no \"opus\"","status":"PERMISSION_DENIED"}})");
  EXPECT_EQ(
      answer_to(provider::openai_chat, act).body,
      R"({"error":{"message":"no \"opus\"","type":"invalid_request_error","param":null,"code":"blocked_by_rule"}})");
  EXPECT_EQ(answer_to(provider::unknown, act).body, answer_to(provider::openai_responses, act).body);
  EXPECT_EQ(answer_to(provider::anthropic, act).body,
            R"({"type":"error","error":{"type":"permission_error","message":"no \"opus\""}})");
}

TEST(local_answer, other_statuses_have_other_words) {
  EXPECT_THAT(answer_to(provider::google, block{"x", 429}).body, testing::HasSubstr("RESOURCE_EXHAUSTED"));
  EXPECT_THAT(answer_to(provider::anthropic, block{"x", 529}).body, testing::HasSubstr("overloaded_error"));
  EXPECT_THAT(answer_to(provider::anthropic, block{"x", 500}).body, testing::HasSubstr("api_error"));
  EXPECT_THAT(answer_to(provider::openai_chat, block{"x", 503}).body, testing::HasSubstr("server_error"));
}

TEST(local_answer, a_block_names_its_rule_and_is_not_to_be_asked_again) {
  const auto answer = answer_to(provider::openai_chat, block{"x", 429});
  EXPECT_EQ(answer.status, 429u);
  EXPECT_EQ(field(answer, "content-type"), "application/json");
  EXPECT_EQ(field(answer, "x-zerogravity-rule"), "r");
  EXPECT_EQ(field(answer, "x-should-retry"), "false");
}

TEST(local_answer, a_mock_is_what_its_file_holds) {
  const auto body = std::make_shared<const std::string>("data: x\n\n");
  const auto answer = answer_to(provider::google, mock{"/a.sse", "text/event-stream", body, 206});
  EXPECT_EQ(answer.status, 206u);
  EXPECT_EQ(answer.body, *body);
  EXPECT_EQ(field(answer, "content-type"), "text/event-stream");
  EXPECT_EQ(field(answer, "x-zerogravity-rule"), "r");
  EXPECT_EQ(field(answer, "x-should-retry"), "none");
}

TEST(local_answer, rules_that_change_requests_have_none) {
  EXPECT_EQ(answer_of(make_rule("r", {map_model{"m"}})), nullptr);
}

}  // namespace
}  // namespace app::rewrite
