#include "bench/intercept/event_text.hpp"

#include <string>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "net/wire/message_head.hpp"
#include "net/wire/websocket_handshake.hpp"

namespace {

TEST(event_text, an_answer_of_the_responses_api_begins_goes_on_and_ends_with_its_usage) {
  const auto created = boost::json::parse(bench::response_created(7));
  const auto event = boost::json::parse(bench::response_event(7, 0xabc));
  const auto completed = boost::json::parse(bench::response_completed(7));
  EXPECT_EQ(created.at("type"), "response.created");
  EXPECT_EQ(event.at("type"), "response.output_text.delta");
  EXPECT_EQ(event.at("delta"), "@@0000000000000abc and so on");
  EXPECT_EQ(completed.at("type"), "response.completed");
  EXPECT_EQ(completed.at("response").at("id"), created.at("response").at("id"));
  EXPECT_EQ(completed.at("response").at("usage").at("output_tokens"), bench::output_tokens);
}

TEST(event_text, the_events_of_both_apis_are_of_the_same_size) {
  const auto chat = static_cast<double>(bench::event_text(1, 1).size());
  const auto response = static_cast<double>(bench::server_sent(bench::response_event(1, 1)).size());
  EXPECT_NEAR(response, chat, chat / 10);
}

TEST(event_text, a_server_sent_event_has_the_name_of_its_type) {
  EXPECT_EQ(bench::server_sent(R"({"type":"a.b","c":1})"), "event: a.b\ndata: {\"type\":\"a.b\",\"c\":1}\n\n");
}

TEST(event_text, a_websocket_is_asked_for_and_granted_with_or_without_compression) {
  for (const bool deflate : {false, true}) {
    const std::string request = bench::websocket_request_for("h", "responses 1 1 0 0", deflate);
    const auto asked = net::wire::parse_request_head(request);
    ASSERT_FALSE(asked.has_error());
    EXPECT_TRUE(net::wire::is_websocket_upgrade(*asked));
    EXPECT_EQ(asked->fields.find("sec-websocket-extensions").has_value(), deflate);
    const std::string answer = bench::websocket_grant(deflate);
    const auto granted = net::wire::parse_response_head(answer);
    ASSERT_FALSE(granted.has_error());
    EXPECT_EQ(granted->status, 101u);
    const auto agreed = net::wire::parse_websocket_terms(granted->fields);
    ASSERT_FALSE(agreed.has_error());
    EXPECT_EQ(agreed->client.on, deflate);
    EXPECT_EQ(agreed->server.on, deflate);
  }
}

}  // namespace
