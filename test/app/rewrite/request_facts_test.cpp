#include "app/rewrite/request_facts.hpp"

#include <gtest/gtest.h>

#include "test/app/rewrite/rule_fixture.hpp"

namespace app::rewrite {
namespace {

using usage::call_kind;

class request_facts : public testing::Test {
 protected:
  std::string_view misses(const rule_match& match) const {
    return mismatch(match, facts_of("api.openai.com", *head_, 1000));
  }
  static std::string_view body_misses(const rule_match& match, std::string_view json,
                                      std::string_view path = "/v1/responses") {
    static body_facts facts;
    facts = facts_of(facts_of("a.b", "POST", path, mitm::request_form::plain, {}), json);
    return mismatch(match, facts);
  }

  net::wire::result<net::wire::request_head> head_ = net::wire::parse_request_head(
      "POST /v1/chat/completions?key=x HTTP/1.1\r\nUser-Agent: codex/1\r\nX-A: 1\r\nx-a: 2\r\n\r\n");
};

TEST_F(request_facts, a_rule_without_conditions_fits_everything) {
  EXPECT_EQ(misses({}), "");
  EXPECT_EQ(body_misses({}, ""), "");
}

TEST_F(request_facts, each_condition_of_the_head_must_hold) {
  EXPECT_EQ(misses({.hosts = {host("a.b"), host("*.openai.com")}}), "");
  EXPECT_EQ(misses({.hosts = {host("a.b")}}), "host");
  EXPECT_EQ(misses({.paths = {"/x", "/v1/chat/*s"}}), "");
  EXPECT_EQ(misses({.paths = {"*key=x"}}), "path");
  EXPECT_EQ(misses({.methods = {"GET", "POST"}}), "");
  EXPECT_EQ(misses({.methods = {"GET"}}), "method");
  EXPECT_EQ(misses({.kinds = {call_kind::model}}), "");
  EXPECT_EQ(misses({.kinds = {call_kind::other, call_kind::count_tokens}}), "kind");
  EXPECT_EQ(misses({.uids = {1, 1000}}), "");
  EXPECT_EQ(misses({.uids = {1}}), "uid");
  EXPECT_EQ(misses({.headers = {{"user-agent", {"x", "codex*"}}, {"x-a", {"2"}}}}), "");
  EXPECT_EQ(misses({.headers = {{"user-agent", {"codex*"}}, {"x-a", {"3"}}}}), "header");
  EXPECT_EQ(misses({.headers = {{"x-b", {"*"}}}}), "header");
}

TEST_F(request_facts, a_client_that_is_not_known_is_nobody) {
  EXPECT_EQ(mismatch({.uids = {0}}, facts_of("a.b", *head_, std::nullopt)), "uid");
}

TEST_F(request_facts, a_model_in_the_path_is_known_by_the_head) {
  const auto head = net::wire::parse_request_head("POST /v1beta/models/gemini-pro:generateContent HTTP/1.1\r\n\r\n");
  const auto facts = facts_of("generativelanguage.googleapis.com", *head, {});
  EXPECT_EQ(mismatch({.models = {"gemini*"}}, facts), "");
  EXPECT_EQ(mismatch({.models = {"gpt*"}}, facts), "model");
  EXPECT_FALSE(asks_body({.models = {"gemini*"}}, facts.call));
  EXPECT_EQ(mismatch({.models = {"gemini*"}}, facts_of(facts, R"({"model":"other"})")), "");
}

TEST_F(request_facts, else_the_body_tells_the_model) {
  EXPECT_EQ(misses({.models = {"gpt*"}}), "");
  EXPECT_TRUE(asks_body({.models = {"gpt*"}}, facts_of("a.b", *head_, {}).call));
  EXPECT_EQ(body_misses({.models = {"gpt*"}}, R"({"model":"gpt-5"})"), "");
  EXPECT_EQ(body_misses({.models = {"gpt*"}}, R"({"model":"o3","x":{"model":"gpt-5"}})"), "model");
  EXPECT_EQ(body_misses({.models = {"*"}}, R"({"model":7})"), "");
  EXPECT_EQ(body_misses({.models = {"?*"}}, "{}"), "model");
}

TEST_F(request_facts, the_kind_of_a_request_is_in_its_id_or_said) {
  EXPECT_EQ(body_misses({.request_kinds = {"agent"}}, R"({"requestId":"agent/a/1/b/2","requestType":"x"})"), "");
  EXPECT_EQ(body_misses({.request_kinds = {"agent"}}, R"({"requestId":"agent-a","requestType":"agent"})"), "");
  EXPECT_EQ(body_misses({.request_kinds = {"agent"}}, R"({"requestId":"tab/1"})"), "request_kind");
  EXPECT_TRUE(asks_body({.request_kinds = {"agent"}}, {}));
}

TEST(socket_facts, an_upgrade_is_matched_as_the_calls_that_it_opens) {
  const net::wire::header_fields fields("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  const auto calls = facts_of("api.openai.com", {"GET", "/v1/responses?x=1", 1, fields}, {});
  EXPECT_EQ(calls.form, mitm::request_form::upgrade);
  EXPECT_EQ(mismatch({.methods = {"POST"}, .kinds = {usage::call_kind::model}}, calls), "");
  EXPECT_EQ(mismatch({.kinds = {usage::call_kind::count_tokens}}, calls), "kind");
  const auto other = facts_of("api.openai.com", {"GET", "/v1/realtime", 1, fields}, {});
  EXPECT_EQ(other.form, mitm::request_form::plain) << "its messages are no calls";
  EXPECT_EQ(mismatch({.methods = {"POST"}}, other), "method");
  const auto connect = facts_of("api.openai.com", {"CONNECT", "/v1/responses", 1, {}, 2, "websocket"}, {});
  EXPECT_EQ(connect.form, mitm::request_form::upgrade);
}

TEST(socket_facts, the_text_of_a_message_tells_whether_it_is_a_prewarm) {
  const auto head = facts_of("a.b", {"POST", "/v1/responses", 1, {}, 1, "websocket"}, {});
  const rule_match model{.kinds = {usage::call_kind::model}};
  const rule_match prewarm{.kinds = {usage::call_kind::prewarm}};
  EXPECT_EQ(mismatch(model, head), "");
  EXPECT_EQ(mismatch(prewarm, head), "");
  const auto warms = facts_of(head, R"({"type":"response.create","generate":false})");
  EXPECT_EQ(mismatch(model, warms), "kind");
  EXPECT_EQ(mismatch(prewarm, warms), "");
  const auto asks = facts_of(head, R"({"type":"response.create","generate":true})");
  EXPECT_EQ(mismatch(model, asks), "");
  EXPECT_EQ(mismatch(prewarm, asks), "kind");
}

TEST(socket_facts, a_message_is_a_call_by_its_type) {
  EXPECT_TRUE(is_call(R"({"input":{"type":"x"},"type":"response.create"})"));
  EXPECT_TRUE(is_call(R"({"type":"x","type":"response.create"})")) << "a server may take the last";
  EXPECT_FALSE(is_call(R"({"type":"response.cancel"})"));
  EXPECT_FALSE(is_call(R"({"input":{"type":"response.create"}})"));
  EXPECT_FALSE(is_call(R"({"type":"response.create")"));
  EXPECT_FALSE(is_call("[]"));
  EXPECT_FALSE(is_call(""));
}

}  // namespace
}  // namespace app::rewrite
