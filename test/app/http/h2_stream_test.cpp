#include "app/http/h2_stream.hpp"

#include <gtest/gtest.h>

namespace app {
namespace {

constexpr std::size_t roomy = 1000;

TEST(api_h2_request, the_authority_is_its_host) {
  h2_request request;
  request.add(":authority", "localhost:1", roomy);
  request.add("host", "localhost:1", roomy);
  EXPECT_EQ(request.host, "localhost:1");
  EXPECT_EQ(request.hosts, 1u);
  request.add("host", "other", roomy);
  EXPECT_EQ(request.hosts, 2u);
}

TEST(api_h2_request, of_a_field_that_comes_twice_the_first_counts_and_it_is_noted) {
  h2_request request;
  request.add("authorization", "Bearer one", roomy);
  request.add("authorization", "Bearer two", roomy);
  request.add("content-length", "17", roomy);
  EXPECT_EQ(request.authorization, "Bearer one");
  EXPECT_EQ(request.repeated, "authorization");
  EXPECT_EQ(request.content_length, 17u);
}

TEST(api_h2_request, what_is_beyond_the_limit_is_counted_and_not_kept) {
  h2_request request;
  request.add("origin", "o", 39);  // 6 + 1 + 32
  request.add("content-type", "t", 39);
  EXPECT_EQ(request.origin, "o");
  EXPECT_EQ(request.content_type, "");
  EXPECT_EQ(request.size, 39u + 45u);
}

}  // namespace
}  // namespace app
