#include "app/openai_api/openai_routes.hpp"

#include "test/app/turns/turns_fixture.hpp"

namespace app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class openai_routes_test : public turns_fixture {
 protected:
  static constexpr auto chat = "/v1/chat/completions";
  static constexpr auto hi = R"({"model":"tester-high","input":"hi"})";

  std::string id_of(const http_answer& answer) {
    EXPECT_EQ(answer.result_int(), 200u) << answer.body();
    return std::string(json_of(answer).at("id").as_string());
  }
};

TEST_F(openai_routes_test, the_models_of_the_language_server_are_listed_and_each_is_shown_by_its_id) {
  start();
  std::vector<std::string> ids;
  const auto all = json_of(get("/v1/models"));
  for (const auto& each : all.at("data").as_array()) ids.emplace_back(each.at("id").as_string());
  EXPECT_THAT(ids, ElementsAre("tester-high", "tester-low", "Tester (High)", "Tester (Low)")) << "by id and by label";
  EXPECT_EQ(id_of(get("/v1/models/tester-low")), "tester-low");
  const auto unknown = get("/v1/models/other");
  EXPECT_EQ(unknown.result_int(), 404u);
  EXPECT_EQ(error_code_of(unknown), "model_not_found");
}

TEST_F(openai_routes_test, models_are_asked_for_once_a_minute) {
  auto asked = std::make_shared<std::atomic<int>>(0);
  fake_.models = [offered = fake_.models, asked](const auto& request, auto& response) {
    ++*asked;
    return offered(request, response);
  };
  start();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/v1/models").result_int(), 200u);
  EXPECT_EQ(*asked, 1);
}

TEST_F(openai_routes_test, without_a_language_server_sdks_are_told_to_try_again) {
  fake_.die();
  start(false);
  for (const auto& answer :
       {get("/v1/models"), post(chat, R"({"model":"m","messages":[{"role":"user","content":"x"}]})"),
        post("/v1/responses", hi)}) {
    EXPECT_EQ(answer.result_int(), 503u) << answer.body();
    EXPECT_EQ(answer["x-should-retry"], "true");
    EXPECT_NE(answer["retry-after"], "");
  }
}

TEST_F(openai_routes_test, where_no_language_server_is_configured_nobody_is_told_to_try_again) {
  values_.language_server = {};
  start(false);
  const auto answer = post("/v1/responses", hi);
  EXPECT_EQ(answer.result_int(), 503u);
  EXPECT_EQ(answer["retry-after"], "");
}

TEST_F(openai_routes_test, a_body_that_is_no_request_is_refused_and_nothing_is_sent) {
  start();
  for (const char* path : {chat, "/v1/responses"}) {
    EXPECT_EQ(post(path, "{").result_int(), 400u) << path;
    const auto wrong = post(path, R"({"model":7,"messages":[{"role":"user","content":"x"}],"input":"x"})");
    EXPECT_EQ(wrong.result_int(), 400u) << path;
    EXPECT_EQ(json_of(wrong).at("error").at("param").as_string(), "model") << path;
  }
  EXPECT_TRUE(messages().empty());
}

TEST_F(openai_routes_test, what_sdks_have_methods_for_and_this_service_has_not_is_said_in_words) {
  start();
  for (const auto& answer :
       {post("/v1/embeddings", "{}"), get("/v1/files"), get("/v1/files/file-1"), post("/v1/audio/speech", "{}")}) {
    EXPECT_EQ(answer.result_int(), 404u);
    EXPECT_EQ(error_code_of(answer), "unsupported_endpoint") << answer.body();
  }
  const auto socket = get("/v1/responses");
  EXPECT_EQ(socket.result_int(), 426u) << socket.body();
}

TEST_F(openai_routes_test, a_response_is_kept_until_it_is_deleted) {
  start();
  const auto made = post("/v1/responses", hi);
  const auto path = "/v1/responses/" + id_of(made);
  EXPECT_EQ(json_of(get(path)), json_of(made));
  EXPECT_EQ(json_of(get(path)).at("status").as_string(), "completed");
  const auto items = json_of(get(path + "/input_items?limit=5&order=asc")).at("data").as_array();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_THAT(boost::json::serialize(items), HasSubstr("hi"));
  EXPECT_EQ(get(path + "/input_items?limit=0").result_int(), 400u);
  EXPECT_EQ(get(path + "?stream=true").result_int(), 400u) << "its events are not kept";
  EXPECT_TRUE(json_of(ask("DELETE", path)).at("deleted").as_bool());
  for (const auto& gone : {get(path), get(path + "/input_items"), ask("DELETE", path), post(path + "/cancel", "{}")}) {
    EXPECT_EQ(gone.result_int(), 404u) << gone.body();
  }
}

TEST_F(openai_routes_test, a_response_that_is_not_to_be_stored_is_not_kept) {
  start();
  const auto made = post("/v1/responses", R"({"model":"tester-high","input":"hi","store":false})");
  EXPECT_EQ(get("/v1/responses/" + id_of(made)).result_int(), 404u);
}

TEST_F(openai_routes_test, a_response_in_progress_can_be_cancelled_and_its_stream_ends) {
  when_cancelled_ = [](told_state begun) {
    return std::vector{begun.says("Hel", true).ends_by(exa::cortex_pb::EXECUTOR_TERMINATION_REASON_USER_CANCELED)};
  };
  says_ = [](told_state begun) { return std::vector{begun.says("Hel")}; };
  start();
  auto peer = client();
  const auto seen =
      follow(peer, "/v1/responses", R"({"model":"tester-high","input":"hi","stream":true})", R"("delta":"Hel")");
  const auto at = seen.find("resp_");
  const auto path = "/v1/responses/" + seen.substr(at, seen.find('"', at) - at);
  EXPECT_EQ(json_of(get(path)).at("status").as_string(), "in_progress");
  EXPECT_EQ(json_of(post(path + "/cancel", "{}")).at("status").as_string(), "cancelled");
  EXPECT_THAT(cancelled(), ElementsAre("c-1"));
  EXPECT_THAT(peer.rest(), HasSubstr(R"("status":"cancelled")"));
}

TEST_F(openai_routes_test, a_response_that_is_over_cannot_be_cancelled) {
  start();
  const auto path = "/v1/responses/" + id_of(post("/v1/responses", hi));
  EXPECT_EQ(post(path + "/cancel", "{}").result_int(), 400u);
  EXPECT_TRUE(cancelled().empty());
}

}  // namespace
}  // namespace app
