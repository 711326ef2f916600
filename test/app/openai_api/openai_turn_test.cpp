#include "app/openai_api/openai_turn.hpp"

#include "test/app/turns/turns_fixture.hpp"

namespace app {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class openai_turn_test : public turns_fixture {
 protected:
  static constexpr auto chat = "/v1/chat/completions";
  static constexpr auto dot = "data:image/png;base64,iVBORw0KGgo=";  // the first bytes of every PNG file

  static std::string chat_of(const std::string& messages, const std::string& more = {}) {
    return R"({"model":"tester-high","messages":[)" + messages + "]" + more + "}";
  }
  static std::string user(const std::string& words) { return R"({"role":"user","content":")" + words + "\"}"; }
  static std::string assistant(const std::string& words) {
    return R"({"role":"assistant","content":")" + words + "\"}";
  }
  static std::string with_image(const std::string& model, const std::string& url) {
    return R"({"model":")" + model +
           R"(","messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":")" +
           url + R"("}}]}]})";
  }

  http_answer chats(const std::string& messages, const std::string& more = {}) const {
    auto answer = post(chat, chat_of(messages, more));
    EXPECT_EQ(answer.result_int(), 200u) << answer.body();
    return answer;
  }
  static std::string cascade_of(const http_answer& answer) { return std::string(answer["x-zerogravity-cascade-id"]); }
  int model_number() const { return message().cascade_config().planner_config().requested_model().model(); }
};

TEST_F(openai_turn_test, the_language_server_is_told_the_words_the_model_and_the_limit) {
  start();
  chats(user("say hello"), R"(,"max_completion_tokens":77)");
  EXPECT_EQ(text(), "say hello");
  EXPECT_EQ(model_number(), 1001);
  EXPECT_EQ(message().cascade_config().planner_config().max_output_tokens(), 77u);
  EXPECT_EQ(message().cascade_id(), "c-1");
}

TEST_F(openai_turn_test, a_model_is_also_known_by_its_alias) {
  values_.openai.aliases = {{"gpt-5", "Tester (Low)"}};
  start();
  post(chat, R"({"model":"gpt-5","messages":[)" + user("x") + "]}");
  EXPECT_EQ(model_number(), 1002);
}

TEST_F(openai_turn_test, a_model_that_nobody_offers_is_refused_before_anything_is_sent) {
  start();
  const auto answer = post(chat, R"({"model":"other","messages":[)" + user("x") + "]}");
  EXPECT_EQ(answer.result_int(), 404u);
  EXPECT_EQ(error_code_of(answer), "model_not_found");
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(openai_turn_test, an_effort_chooses_the_model_of_that_effort_and_is_named_where_there_is_none) {
  start();
  EXPECT_EQ(chats(user("x"), R"(,"reasoning_effort":"low")")["x-zerogravity-ignored"], "");
  EXPECT_EQ(model_number(), 1002);
  EXPECT_EQ(chats(user("x"), R"(,"reasoning_effort":"high")")["x-zerogravity-ignored"], "");
  EXPECT_EQ(model_number(), 1001);
  EXPECT_EQ(chats(user("x"), R"(,"reasoning_effort":"medium")")["x-zerogravity-ignored"], "reasoning_effort");
  EXPECT_EQ(model_number(), 1001);
}

TEST_F(openai_turn_test, an_image_goes_with_the_message_to_a_model_that_takes_some) {
  start();
  EXPECT_EQ(post(chat, with_image("tester-low", dot)).result_int(), 200u);
  ASSERT_EQ(message().images_size(), 1);
  EXPECT_EQ(message().images(0).mime_type(), "image/png");
  EXPECT_EQ(message().images(0).base64_data(), "iVBORw0KGgo=");
}

TEST_F(openai_turn_test, an_image_that_cannot_be_taken_is_refused) {
  start();
  const auto blind = post(chat, with_image("tester-high", dot));
  EXPECT_EQ(blind.result_int(), 400u);
  EXPECT_THAT(blind.body(), HasSubstr("does not take images"));
  const auto remote = post(chat, with_image("tester-low", "https://example.com/a.png"));
  EXPECT_EQ(remote.result_int(), 400u);
  EXPECT_THAT(remote.body(), HasSubstr("nothing is fetched"));
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(openai_turn_test, a_chat_that_repeats_what_was_said_goes_on_with_its_cascade_and_sends_what_is_new) {
  start();
  EXPECT_EQ(cascade_of(chats(user("one"))), "c-1");
  EXPECT_EQ(cascade_of(chats(user("one") + "," + assistant("Hello") + "," + user("two"))), "c-1");
  EXPECT_EQ(text(), "two");
}

TEST_F(openai_turn_test, a_chat_that_says_something_else_was_answered_gets_a_cascade_and_the_whole_transcript) {
  start();
  chats(user("one"));
  EXPECT_EQ(cascade_of(chats(user("one") + "," + assistant("Goodbye") + "," + user("two"))), "c-2");
  EXPECT_THAT(text(), HasSubstr("Goodbye"));
  EXPECT_THAT(text(), HasSubstr("two"));
}

TEST_F(openai_turn_test, a_chat_whose_cascade_is_gone_or_goes_another_way_begins_anew_with_the_whole_transcript) {
  start();
  const auto repeated = user("one") + "," + assistant("Hello") + "," + user("two");
  chats(user("one"));
  fake_.trajectory = [](const auto&, auto& response) {
    response.set_status(exa::cortex_pb::CASCADE_RUN_STATUS_IDLE);
    response.set_num_total_steps(40);  // somebody else went on with it
    return grpc::Status::OK;
  };
  EXPECT_EQ(cascade_of(chats(repeated)), "c-2");
  EXPECT_THAT(text(), HasSubstr("Hello"));
  chats(user("one"));
  fake_.trajectory = [](const auto& request, auto&) {
    return grpc::Status(grpc::StatusCode::UNKNOWN, "trajectory not found: " + request.cascade_id());
  };
  EXPECT_EQ(cascade_of(chats(repeated)), "c-4");
}

TEST_F(openai_turn_test, a_response_goes_on_from_the_one_it_names) {
  start();
  const auto first = post("/v1/responses", R"({"model":"tester-high","input":"one"})");
  const auto id = std::string(json_of(first).at("id").as_string());
  const auto next =
      post("/v1/responses", R"({"model":"tester-high","input":"two","previous_response_id":")" + id + "\"}");
  EXPECT_EQ(next.result_int(), 200u) << next.body();
  EXPECT_EQ(cascade_of(next), cascade_of(first));
  EXPECT_EQ(text(), "two");
  const auto unknown =
      post("/v1/responses", R"({"model":"tester-high","input":"two","previous_response_id":"resp_none"})");
  EXPECT_EQ(unknown.result_int(), 400u);
  EXPECT_EQ(error_code_of(unknown), "previous_response_not_found");
  EXPECT_THAT(messages(), SizeIs(2));
}

TEST_F(openai_turn_test, a_conversation_that_is_named_and_cannot_go_on_is_an_error_and_begins_no_other) {
  start();
  const std::string named = R"({"model":"tester-high","input":"two","conversation":"c-9"})";
  EXPECT_EQ(post("/v1/responses", named).result_int(), 404u);
  fake_.trajectory = [](const auto&, auto& response) {
    response.set_status(exa::cortex_pb::CASCADE_RUN_STATUS_RUNNING);
    return grpc::Status::OK;
  };
  const auto busy = post("/v1/responses", named);
  EXPECT_EQ(busy.result_int(), 409u);
  EXPECT_EQ(error_code_of(busy), "conversation_busy");
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(openai_turn_test, beyond_the_turns_that_may_run_and_wait_a_request_is_refused_and_may_come_again) {
  values_.language_server.turns = {.turns = 1, .waiting = 0};
  says_ = [](told_state begun) { return std::vector{begun.says("Hel")}; };
  start();
  auto peer = client();
  follow(peer, chat, chat_of(user("x"), R"(,"stream":true)"), "Hel");
  const auto refused = post(chat, chat_of(user("y")));
  EXPECT_EQ(refused.result_int(), 429u);
  EXPECT_EQ(refused["x-should-retry"], "true");
  EXPECT_THAT(messages(), SizeIs(1));
}

}  // namespace
}  // namespace app
