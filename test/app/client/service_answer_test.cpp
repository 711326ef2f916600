#include "app/client/service_answer.hpp"

#include <gmock/gmock.h>

namespace app {
namespace {

using testing::HasSubstr;

std::string why_not(const service_answer& answer) {
  const auto object = object_in(answer, "http://here:1");
  return object.has_value() ? std::string() : object.error().why;
}

TEST(service_answer, an_object_with_status_200_is_the_services) {
  EXPECT_EQ(why_not({200, "{}", "application/json"}), "");
  EXPECT_EQ(why_not({200, "{}", "application/json; charset=utf-8"}), "");
  EXPECT_EQ(why_not({200, "{}", ""}), "");
}

TEST(service_answer, anything_else_is_named_with_what_it_is) {
  EXPECT_EQ(why_not({404, "<html>\x1b[2J", "text/html"}),
            "http://here:1: what answers there is not the service (it answers 404: <html>\\u001b[2J)");
  EXPECT_THAT(why_not({200, "{}", "text/html"}), HasSubstr("it sends text/html instead of application/json"));
  EXPECT_THAT(why_not({200, "{", ""}), HasSubstr("it sends no JSON"));
  EXPECT_THAT(why_not({200, "[]", ""}), HasSubstr("it sends no object"));
  EXPECT_THAT(why_not({200, std::string(100'000, '['), ""}), HasSubstr("it sends no JSON"));
}

TEST(service_answer, an_error_of_the_service_has_a_message) {
  EXPECT_EQ(error_message({400, R"({"error":{"message":"No."}})"}), "No.");
  for (const char* body : {"", "x", "[]", "{}", R"({"error":5})", R"({"error":{"message":5}})"}) {
    EXPECT_EQ(error_message({400, body}), "") << body;
  }
}

}  // namespace
}  // namespace app
