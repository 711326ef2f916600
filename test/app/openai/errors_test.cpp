#include "app/openai/errors.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "app/openai/answer.hpp"

namespace app::openai {
namespace {

using namespace std::chrono_literals;

std::string header(const std::vector<std::pair<std::string, std::string>>& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return "";
}

TEST(errors, an_error_is_written_in_the_shape_of_openai) {
  std::string out;
  append_error(out, wrong_type("messages[0].content", "a string", "an integer"));
  EXPECT_EQ(
      boost::json::parse(out),
      boost::json::parse(
          R"({"error":{"message":"Invalid type for 'messages[0].content': expected a string, but got an integer instead.",
      "type":"invalid_request_error","param":"messages[0].content","code":"invalid_type"}})"));
  out.clear();
  append_error(out, server_busy());
  EXPECT_TRUE(boost::json::parse(out).at_pointer("/error/param").is_null());
}

TEST(errors, statuses_and_codes_are_those_that_sdks_map_to_exceptions) {
  const std::string known[] = {"alpha", "beta"};
  struct expectation {
    api_error error;
    unsigned status;
    const char* code;
  } const all[] = {
      {malformed_body("x"), 400, "invalid_json"},
      {missing_parameter("x"), 400, "missing_required_parameter"},
      {unsupported_value("n", "x"), 400, "unsupported_value"},
      {model_not_found("gpt", known), 404, "model_not_found"},
      {response_not_found("resp_1"), 404, "response_not_found"},
      {conversation_not_found("conv_1"), 404, "conversation_not_found"},
      {item_not_found("msg_1"), 404, "item_not_found"},
      {previous_response_not_found("resp_1"), 400, "previous_response_not_found"},
      {response_already_finished("resp_1"), 400, "response_already_finished"},
      {upgrade_required(), 426, "upgrade_required"},
      {rate_limited("8 turns at a time"), 429, "rate_limit_exceeded"},
      {server_busy(), 503, "server_busy"},
      {language_server_unavailable(), 503, "language_server_unavailable"},
      {upstream_unreachable("reset"), 502, "upstream_unreachable"},
      {upstream_timeout(), 504, "upstream_timeout"},
  };
  for (const auto& each : all) {
    EXPECT_EQ(each.error.status, each.status) << each.code;
    EXPECT_EQ(each.error.code, each.code);
    EXPECT_FALSE(each.error.message.empty());
    EXPECT_EQ(each.error.type == "server_error", each.status >= 500) << each.code;
  }
}

TEST(errors, an_unknown_model_is_told_which_there_are) {
  const std::string known[] = {"alpha", "beta"};
  const auto error = model_not_found("gpt-\xff", known);
  EXPECT_EQ(error.message, "The model 'gpt-\xef\xbf\xbd' does not exist. There are: alpha, beta");
  EXPECT_EQ(error.param, "model");
  EXPECT_LT(model_not_found(std::string(100'000, 'x'), std::vector<std::string>(1000, "model")).message.size(), 1000u);
}

TEST(errors, endpoints_without_a_counterpart_say_so) {
  for (const char* path :
       {"/v1/embeddings", "/v1/audio/speech", "/v1/images/generations", "/v1/files", "/v1/completions"}) {
    const auto error = unsupported_endpoint(path);
    ASSERT_TRUE(error) << path;
    EXPECT_EQ(error->status, 404u);
    EXPECT_NE(error->message.find("is not supported"), std::string::npos);
  }
  for (const char* path : {"/v1/chat/completions", "/v1/models", "/v1/embeddingsx", "/v2/embeddings", "/"})
    EXPECT_FALSE(unsupported_endpoint(path)) << path;
}

TEST(errors, sdks_retry_only_what_never_began) {
  EXPECT_EQ(should_retry(rate_limited("x")), retry_advice::yes);
  EXPECT_EQ(should_retry(server_busy()), retry_advice::yes);
  EXPECT_EQ(should_retry(language_server_unavailable()), retry_advice::yes);
  for (const auto& executed :
       {upstream_unreachable("x"), upstream_timeout(), turn_canceled(), turn_failed(500, "x", ""),
        turn_failed(503, "x", ""), turn_failed(429, "QUOTA_EXHAUSTED", ""), turn_failed(429, "RATE_LIMIT_EXCEEDED", ""),
        api_error{409, "x", "bad_state", "x"}})
    EXPECT_EQ(should_retry(executed), retry_advice::no) << executed.code;
  EXPECT_EQ(should_retry(malformed_body("x")), retry_advice::unsaid);
  EXPECT_EQ(should_retry(api_error{408, "invalid_request_error", "request_timeout", "x"}), retry_advice::unsaid);
}

TEST(errors, delays_are_told_in_whole_seconds_and_in_milliseconds) {
  const auto headers = retry_headers(rate_limited("x"), 1200ms);
  EXPECT_EQ(header(headers, "retry-after"), "2");
  EXPECT_EQ(header(headers, "retry-after-ms"), "1200");
  EXPECT_EQ(header(headers, "x-should-retry"), "true");
  EXPECT_EQ(header(retry_headers(upstream_timeout(), std::nullopt), "x-should-retry"), "false");
  EXPECT_TRUE(retry_headers(malformed_body("x"), std::nullopt).empty());
  EXPECT_EQ(header(retry_headers(rate_limited("x"), -5ms), "retry-after"), "");
}

TEST(errors, a_failed_turn_says_what_its_user_may_know) {
  const auto quota = turn_failed(429, "RESOURCE_EXHAUSTED (code 429): QUOTA_EXHAUSTED", "You have used it up.");
  EXPECT_EQ(quota.status, 429u);
  EXPECT_EQ(quota.code, "insufficient_quota");
  EXPECT_EQ(quota.message, "You have used it up. (RESOURCE_EXHAUSTED (code 429): QUOTA_EXHAUSTED)");
  EXPECT_EQ(turn_failed(429, "MODEL_CAPACITY_EXHAUSTED", "").code, "upstream_rate_limit");
  EXPECT_EQ(turn_failed(0, "", "").status, 500u);
  EXPECT_FALSE(turn_failed(0, "", "").message.empty());
  EXPECT_EQ(turn_failed(400, "bad", "").status, 400u);
  EXPECT_EQ(turn_failed(401, "the language server's own key", "").status, 500u);
  EXPECT_EQ(turn_failed(503, "down", "").status, 503u);
  EXPECT_LT(turn_failed(500, std::string(1 << 20, 'x'), std::string(1 << 20, 'y')).message.size(), 5000u);
}

}  // namespace
}  // namespace app::openai
