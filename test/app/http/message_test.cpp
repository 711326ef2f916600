#include "app/http/message.hpp"

#include <gtest/gtest.h>

namespace app {
namespace {

std::optional<std::string> parameter_of(std::string query, std::string_view name) {
  api_request request;
  request.query = std::move(query);
  return request.parameter(name);
}

TEST(api_message, parameters_are_found_by_name_and_decoded) {
  EXPECT_EQ(parameter_of("a=1&b=2", "b"), "2");
  EXPECT_EQ(parameter_of("a=1&a=2", "a"), "1");
  EXPECT_EQ(parameter_of("a=%41+%2b%26", "a"), "A +&");
  EXPECT_EQ(parameter_of("group%5Fby=model", "group_by"), "model");
  EXPECT_EQ(parameter_of("a&b=", "a"), "");
  EXPECT_EQ(parameter_of("a&b=", "b"), "");
  EXPECT_EQ(parameter_of("a=%4&b=%zz", "a"), "%4");
  EXPECT_EQ(parameter_of("a=%4&b=%zz", "b"), "%zz");
  for (const char* query : {"", "&", "&&", "ab=1", "A=1", "=a"}) EXPECT_FALSE(parameter_of(query, "a")) << query;
}

}  // namespace
}  // namespace app
