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

std::vector<std::string> events_for(const action& act, std::string_view request) {
  const auto events = make_events(act, request);
  return events ? *events : std::vector<std::string>{events.error().message()};
}

mock file(std::string_view content_type, std::string body, unsigned status = 200) {
  return {"/a", std::string(content_type), std::make_shared<const std::string>(std::move(body)), status};
}

TEST(socket_answer, a_block_is_an_error_event_with_the_stream_of_its_request) {
  EXPECT_THAT(
      events_for(block{"no", 403}, R"({"type":"response.create"})"),
      testing::ElementsAre(
          R"({"type":"error","status":403,"error":{"message":"no","type":"invalid_request_error","param":null,"code":"blocked_by_rule"}})"));
  EXPECT_THAT(events_for(block{"no", 500}, R"({"type":"response.create","stream_id":"s\"1"})"),
              testing::ElementsAre(testing::AllOf(testing::StartsWith(R"({"type":"error","status":500,"error":)"),
                                                  testing::EndsWith(R"(,"stream_id":"s\"1"})"))));
}

TEST(socket_answer, a_mock_sends_the_events_of_its_file) {
  const auto stream = file("text/event-stream",
                           ": hi\nevent: a\ndata: {\"type\":\"a\"}\n\ndata: {\"type\":\ndata: \"b\"}\r\n\r\n"
                           "data: [DONE]\n\n");
  EXPECT_THAT(events_for(stream, "{}"), testing::ElementsAre(R"({"type":"a"})", "{\"type\":\n\"b\"}"));
  EXPECT_THAT(events_for(stream, R"({"stream_id":"x"})"), testing::Contains(R"({"type":"a","stream_id":"x"})"));
}

TEST(socket_answer, a_mock_in_json_becomes_the_event_that_ends_the_turn) {
  EXPECT_THAT(events_for(file("application/json", R"({"id":"r"})"), "{}"),
              testing::ElementsAre(R"({"type":"response.completed","response":{"id":"r"}})"));
  EXPECT_THAT(events_for(file("application/json", R"({"type":"response.failed"})"), "{}"),
              testing::ElementsAre(R"({"type":"response.failed"})"));
  EXPECT_THAT(events_for(file("application/json", R"({"error":{"message":"m"}})", 429), "{}"),
              testing::ElementsAre(R"({"type":"error","status":429,"error":{"message":"m"}})"));
}

TEST(socket_answer, what_holds_no_event_cannot_answer) {
  EXPECT_THAT(events_for(file("text/plain", "hi"), "{}"), testing::ElementsAre(testing::HasSubstr("no events")));
  EXPECT_THAT(events_for(file("text/event-stream", "data: [DONE]\n\n"), "{}"),
              testing::ElementsAre(testing::HasSubstr("no events")));
}

TEST(socket_answer, a_refused_upgrade_is_told_to_post) {
  const auto one = make_rule("r", {refuse_websocket{}});
  EXPECT_EQ(answer_of(one), nullptr);
  const auto answer = make_answer(one, *refusal_of(one), provider::openai_responses);
  EXPECT_EQ(answer.status, 426u);
  EXPECT_THAT(answer.body, testing::HasSubstr("POST"));
  EXPECT_EQ(field(answer, "upgrade"), "none");
  EXPECT_EQ(field(answer, "x-zerogravity-rule"), "r");
}

}  // namespace
}  // namespace app::rewrite
