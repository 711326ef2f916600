#include "app/openai/client_event.hpp"

#include <gtest/gtest.h>

#include <string>

#include <boost/json.hpp>

namespace app::openai {
namespace {

namespace json = boost::json;

client_event told(const std::string& text) {
  return parse_client_event(text, {});
}

response_create created(const std::string& members) {
  const auto event = told(R"({"type":"response.create","model":"m",)" + members + '}');
  const auto* create = std::get_if<response_create>(&event.what);
  EXPECT_NE(create, nullptr) << members;
  return create == nullptr ? response_create() : *create;
}

api_error refused(const std::string& text) {
  const auto event = told(text);
  const auto* error = std::get_if<api_error>(&event.what);
  EXPECT_NE(error, nullptr) << text;
  return error == nullptr ? api_error() : *error;
}

TEST(client_event, a_create_has_the_body_of_a_post_and_is_always_a_stream) {
  const auto create = created(R"("input":"hi","store":false,"previous_response_id":"resp_1","stream":false)");
  EXPECT_TRUE(create.generate);
  EXPECT_TRUE(create.request.stream);
  EXPECT_FALSE(create.request.store);
  EXPECT_EQ(create.request.model, "m");
  EXPECT_EQ(create.request.input.at(0).text, "hi");
  EXPECT_EQ(create.request.previous_response_id, "resp_1");
  EXPECT_FALSE(created(R"("input":"hi","generate":false)").generate);
  EXPECT_EQ(created(R"("input":"hi","stream_id":"s")").request.stream_id, "s");
}

TEST(client_event, a_cancel_names_a_response_or_means_the_one_of_its_stream) {
  auto event = told(R"({"type":"response.cancel","response_id":"resp_1"})");
  EXPECT_EQ(std::get<response_cancel>(event.what).response_id, "resp_1");
  event = told(R"({"type":"response.cancel","stream_id":"s"})");
  EXPECT_EQ(std::get<response_cancel>(event.what).response_id, std::nullopt);
  EXPECT_EQ(event.stream_id, "s");
}

TEST(client_event, what_is_neither_is_an_error_that_names_its_place) {
  EXPECT_EQ(refused("{").code, "invalid_json");
  EXPECT_EQ(refused("[]").code, "invalid_json");
  EXPECT_EQ(refused("{}").param, "type");
  EXPECT_EQ(refused(R"({"type":7})").param, "type");
  EXPECT_EQ(refused(R"({"type":"session.update"})").param, "type");
  EXPECT_EQ(refused(R"({"type":"response.create","input":"hi"})").param, "model");
  EXPECT_EQ(refused(R"({"type":"response.create","model":"m","input":"hi","generate":"no"})").param, "generate");
  EXPECT_EQ(refused(R"({"type":"response.cancel","response_id":7})").param, "response_id");
  EXPECT_EQ(refused(R"({"type":"response.cancel","stream_id":")" + std::string(129, 'x') + "\"}").param, "stream_id");
  EXPECT_EQ(told(R"({"type":"response.create","stream_id":"s"})").stream_id, "s") << "the error goes to its stream";
}

TEST(client_event, a_prepared_request_becomes_a_part_of_the_one_that_continues_it) {
  const auto earlier =
      created(R"("instructions":"be brief","input":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},
          {"role":"user","content":"c"}])")
          .request;
  auto next = created(R"("previous_response_id":"resp_0","input":[{"role":"user","content":"d"}])").request;
  continue_prepared(next, earlier);
  EXPECT_EQ(next.previous_response_id, std::nullopt);
  EXPECT_EQ(next.instructions, "be brief");
  ASSERT_EQ(next.history.size(), 2u);
  EXPECT_EQ(next.history[1].text, "b");
  ASSERT_EQ(next.input.size(), 2u);
  EXPECT_EQ(next.input[0].text, "c");
  EXPECT_EQ(next.input[1].text, "d");
  EXPECT_EQ(next.input_items.size(), 4u);
}

TEST(client_event, a_prepared_request_may_itself_continue_a_response) {
  const auto earlier = created(R"("previous_response_id":"resp_1","input":"a")").request;
  auto next = created(R"("previous_response_id":"resp_0","input":"b","instructions":"mine")").request;
  continue_prepared(next, earlier);
  EXPECT_EQ(next.previous_response_id, "resp_1");
  EXPECT_EQ(next.instructions, "mine");
  ASSERT_EQ(next.input.size(), 2u);
  EXPECT_EQ(next.input[1].text, "b");
}

TEST(client_event, an_error_event_has_the_status_the_error_and_the_headers_of_an_answer) {
  const std::string error = R"({"error":{"message":"m","code":"c"}})";
  EXPECT_EQ(json::parse(error_event(400, error, {}, "")),
            json::parse(R"({"type":"error","status":400,"error":{"message":"m","code":"c"}})"));
  const std::vector<std::pair<std::string, std::string>> headers{{"retry-after", "1"}, {"x-should-retry", "true"}};
  EXPECT_EQ(json::parse(error_event(429, error, headers, "s\"")), json::parse(R"({"type":"error","status":429,
      "stream_id":"s\"","headers":{"retry-after":"1","x-should-retry":"true"},"error":{"message":"m","code":"c"}})"));
}

}  // namespace
}  // namespace app::openai
