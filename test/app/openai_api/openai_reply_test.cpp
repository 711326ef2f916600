#include "app/openai_api/openai_reply.hpp"

#include "test/app/turns/turns_fixture.hpp"

namespace app {
namespace {

using exa::cortex_pb::CORTEX_STEP_STATUS_DONE;
using exa::cortex_pb::CORTEX_STEP_STATUS_RUNNING;
using exa::cortex_pb::CORTEX_STEP_STATUS_WAITING;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class openai_reply_test : public turns_fixture {
 protected:
  static constexpr auto chat = "/v1/chat/completions";
  static constexpr auto responses = "/v1/responses";
  static constexpr auto whole_chat = R"({"model":"tester-high","messages":[{"role":"user","content":"x"}]})";
  static constexpr auto chat_stream =
      R"({"model":"tester-high","messages":[{"role":"user","content":"x"}],"stream":true})";
  static constexpr auto whole_response = R"({"model":"tester-high","input":"x"})";
  static constexpr auto response_stream = R"({"model":"tester-high","input":"x","stream":true})";

  static told_state hello(told_state begun) { return begun.says("Hello", true).costs(10, 3).over(); }
  static told_state half(told_state begun) { return begun.says("Hel"); }
  static told_state quota(told_state begun) { return begun.fails("RESOURCE_EXHAUSTED (code 429): slow down"); }

  /// The turn tells these, one after the other.
  template <class... Tell>
  void turn(Tell... tell) {
    says_ = [tell...](told_state begun) { return std::vector<told_state>{tell(begun)...}; };
  }
};

TEST_F(openai_reply_test, a_chat_is_answered_with_the_words_the_end_and_the_tokens_of_its_turn) {
  turn(half, hello);
  start();
  const auto answer = post(chat, whole_chat);
  ASSERT_EQ(answer.result_int(), 200u) << answer.body();
  const auto body = json_of(answer);
  EXPECT_THAT(std::string(body.at("id").as_string()), StartsWith("chatcmpl-"));
  EXPECT_EQ(body.at("object").as_string(), "chat.completion");
  EXPECT_EQ(body.at("model").as_string(), "tester-high");
  const auto& choice = body.at("choices").at(0);
  EXPECT_EQ(choice.at("message").at("content").as_string(), "Hello");
  EXPECT_EQ(choice.at("finish_reason").as_string(), "stop");
  EXPECT_EQ(body.at("usage").at("prompt_tokens").as_int64(), 10);
  EXPECT_EQ(body.at("usage").at("completion_tokens").as_int64(), 3);
}

TEST_F(openai_reply_test, a_response_is_answered_with_the_words_the_end_and_the_tokens_of_its_turn) {
  turn(half, hello);
  start();
  const auto body = json_of(post(responses, whole_response));
  EXPECT_THAT(std::string(body.at("id").as_string()), StartsWith("resp_"));
  EXPECT_EQ(body.at("status").as_string(), "completed");
  EXPECT_EQ(body.at("output").at(0).at("content").at(0).at("text").as_string(), "Hello");
  EXPECT_EQ(body.at("usage").at("input_tokens").as_int64(), 10);
  EXPECT_EQ(body.at("usage").at("output_tokens").as_int64(), 3);
}

TEST_F(openai_reply_test, the_head_names_the_cascade_what_was_ignored_and_how_many_turns_are_left) {
  values_.language_server.turns = {.turns = 3, .waiting = 7};
  start();
  const auto answer =
      post(chat, R"({"model":"tester-high","messages":[{"role":"user","content":"x"}],"temperature":0.5})");
  EXPECT_EQ(answer["x-zerogravity-cascade-id"], "c-1");
  EXPECT_EQ(answer["x-zerogravity-ignored"], "temperature");
  EXPECT_EQ(answer["x-ratelimit-limit-requests"], "10");
  EXPECT_EQ(answer["x-ratelimit-remaining-requests"], "9") << "its own turn holds a place";
  EXPECT_EQ(answer["x-ratelimit-reset-requests"], "0s");
}

TEST_F(openai_reply_test, a_chat_streams_each_word_as_it_comes_and_the_tokens_if_they_are_asked_for) {
  turn(half, hello);
  start();
  const auto plain = post(chat, chat_stream);
  EXPECT_EQ(plain["content-type"], "text/event-stream; charset=utf-8");
  EXPECT_THAT(plain.body(), AllOf(HasSubstr(R"("content":"Hel")"), HasSubstr(R"("content":"lo")"),
                                  HasSubstr(R"("finish_reason":"stop")"), testing::EndsWith("data: [DONE]\n\n")));
  EXPECT_THAT(plain.body(), Not(HasSubstr("prompt_tokens")));
  const auto counted = post(
      chat,
      R"({"model":"tester-high","messages":[{"role":"user","content":"x"}],"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_THAT(counted.body(), HasSubstr(R"("prompt_tokens":10)"));
}

TEST_F(openai_reply_test, a_response_streams_its_events_to_the_last) {
  turn(half, hello);
  start();
  EXPECT_THAT(post(responses, response_stream).body(),
              AllOf(HasSubstr("event: response.created"), HasSubstr(R"("delta":"Hel")"), HasSubstr(R"("delta":"lo")"),
                    HasSubstr("event: response.completed"), HasSubstr(R"("input_tokens":10)")));
}

TEST_F(openai_reply_test, the_reason_why_a_turn_ended_is_told) {
  turn([](told_state begun) {
    return begun.says("Hello", true).ends_by(exa::cortex_pb::EXECUTOR_TERMINATION_REASON_MAX_INVOCATIONS);
  });
  start();
  EXPECT_EQ(json_of(post(chat, whole_chat)).at("choices").at(0).at("finish_reason").as_string(), "length");
  EXPECT_EQ(json_of(post(responses, whole_response)).at("status").as_string(), "incomplete");
}

TEST_F(openai_reply_test, a_turn_that_somebody_else_ended_is_an_error_of_a_chat_and_the_state_of_a_response) {
  turn([](told_state begun) {
    return begun.says("Hel", true).ends_by(exa::cortex_pb::EXECUTOR_TERMINATION_REASON_USER_CANCELED);
  });
  start();
  EXPECT_EQ(post(chat, whole_chat).result_int(), 500u);
  EXPECT_EQ(json_of(post(responses, whole_response)).at("status").as_string(), "cancelled");
}

TEST_F(openai_reply_test, the_language_servers_own_tools_are_told_once_as_reasoning_and_never_as_calls) {
  turn([](told_state begun) { return begun.calls_tool(CORTEX_STEP_STATUS_RUNNING); },
       [](told_state begun) { return begun.calls_tool(CORTEX_STEP_STATUS_DONE).says("Done", true, "Hm.").over(); });
  start();
  const auto message = json_of(post(chat, whole_chat)).at("choices").at(0).at("message");
  const auto reasoning = std::string(message.at("reasoning_content").as_string());
  EXPECT_THAT(reasoning,
              AllOf(HasSubstr("[run_command"), HasSubstr("done]"), HasSubstr("Hm."), Not(HasSubstr("running"))));
  EXPECT_EQ(message.as_object().if_contains("tool_calls"), nullptr);
}

TEST_F(openai_reply_test, no_reasoning_is_told_where_that_is_switched_off) {
  values_.openai.reasoning = false;
  turn([](told_state begun) { return begun.says("Done", true, "Hm.").over(); });
  start();
  EXPECT_THAT(post(chat, whole_chat).body(), AllOf(HasSubstr("Done"), Not(HasSubstr("Hm."))));
}

TEST_F(openai_reply_test, a_step_that_asks_for_permission_is_answered_by_the_policy) {
  turn([](told_state begun) { return begun.calls_tool(CORTEX_STEP_STATUS_WAITING); });
  when_answered_ = [](told_state begun) {
    return std::vector{begun.calls_tool(CORTEX_STEP_STATUS_DONE).says("Done", true).over()};
  };
  start();
  EXPECT_THAT(post(chat, whole_chat).body(), AllOf(HasSubstr("Done"), Not(HasSubstr("asks for permission"))));
  ASSERT_EQ(answers().size(), 1u);
  EXPECT_FALSE(answers()[0].run_command().confirm()) << "denied, as by default";
}

TEST_F(openai_reply_test, a_step_that_the_client_may_decide_on_is_told_as_reasoning) {
  values_.language_server.permissions.run_command = cascade::permission::report;
  turn([](told_state begun) { return begun.calls_tool(CORTEX_STEP_STATUS_WAITING); });
  start();
  auto peer = client();
  EXPECT_THAT(follow(peer, chat, chat_stream, "asks for permission"), HasSubstr("run_command"));
}

TEST_F(openai_reply_test, a_turn_that_fails_at_once_is_an_error_and_no_stream) {
  turn(quota);
  start();
  for (const auto& [path, body] :
       {std::pair(chat, whole_chat), {chat, chat_stream}, {responses, whole_response}, {responses, response_stream}}) {
    const auto answer = post(path, body);
    EXPECT_EQ(answer.result_int(), 429u) << body;
    EXPECT_EQ(answer["content-type"], "application/json") << body;
    EXPECT_EQ(answer["x-should-retry"], "false") << "it was executed";
    EXPECT_THAT(answer.body(), HasSubstr("slow down")) << body;
  }
}

TEST_F(openai_reply_test, a_turn_that_fails_after_its_first_words_ends_its_stream_with_the_error) {
  says_ = [](told_state begun) { return std::vector{half(begun)}; };
  start();
  for (const auto& [path, body] : {std::pair(chat, chat_stream), {responses, response_stream}}) {
    auto peer = client();
    follow(peer, path, body, "Hel");
    tell(begun().says("Hel", true).fails("RESOURCE_EXHAUSTED (code 429): slow down"));
    const auto rest = peer.rest();
    EXPECT_THAT(rest, HasSubstr("slow down")) << path;
    EXPECT_THAT(rest, Not(HasSubstr("response.completed"))) << path;
  }
}

TEST_F(openai_reply_test, a_language_server_that_dies_in_the_middle_leaves_an_error_and_no_whole_answer) {
  says_ = [](told_state begun) { return std::vector{half(begun)}; };
  start();
  auto peer = client();
  follow(peer, chat, chat_stream, "Hel");
  fake_.die();
  const auto rest = peer.rest();
  EXPECT_THAT(rest, HasSubstr("error"));
  EXPECT_THAT(rest, Not(HasSubstr(R"("finish_reason":"stop")")));
}

TEST_F(openai_reply_test, a_quiet_stream_is_kept_alive_by_comments) {
  values_.openai.keep_alive = milliseconds(200);
  says_ = [](told_state begun) { return std::vector{half(begun)}; };
  start();
  auto peer = client();
  EXPECT_THAT(follow(peer, chat, chat_stream, ": ping\n"), HasSubstr("Hel"));
}

TEST_F(openai_reply_test, a_client_that_leaves_ends_its_turn) {
  says_ = [](told_state begun) { return std::vector{half(begun)}; };
  start();
  {
    auto peer = client();
    follow(peer, chat, chat_stream, "Hel");
  }
  test::until([this] { return !cancelled().empty(); });
}

}  // namespace
}  // namespace app
