#include "app/http/error_answer.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace app {
namespace {

TEST(api_error_answer, every_error_has_the_four_members_of_the_openai_shape) {
  const std::string methods[] = {"GET", "HEAD"};
  const api_response all[] = {to_response(invalid_parameter("limit", "limit must be a number")),
                              to_response(bad_request("x")),
                              to_response(invalid_api_key(true)),
                              to_response(misdirected_request("x")),
                              to_response(foreign_page("https://x")),
                              to_response(foreign_page("")),
                              to_response(repeated_field("Origin")),
                              to_response(unsupported_content_type("text/plain")),
                              to_response(unknown_url("GET", "/x")),
                              method_not_allowed("PUT", "/x", methods),
                              to_response(request_timeout()),
                              to_response(body_too_large(7)),
                              to_response(head_too_large(7)),
                              to_response(server_error())};
  for (const auto& response : all) {
    const auto body = boost::json::parse(response.body);
    const auto& error = body.at("error").as_object();
    EXPECT_EQ(error.size(), 4u);
    EXPECT_TRUE(error.at("message").is_string());
    EXPECT_TRUE(error.at("type").is_string());
    EXPECT_TRUE(error.at("code").is_string());
    EXPECT_TRUE(error.contains("param"));
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_GE(response.status, 400u);
  }
}

TEST(api_error_answer, a_wrong_parameter_is_named) {
  const auto response = to_response(invalid_parameter("limit", "limit must be a number"));
  EXPECT_EQ(response.status, 400u);
  EXPECT_EQ(boost::json::parse(response.body).at("error").at("param"), "limit");
}

TEST(api_error_answer, a_missing_key_is_challenged) {
  EXPECT_EQ(to_response(invalid_api_key(true)).headers.front().first, "WWW-Authenticate");
}

}  // namespace
}  // namespace app
