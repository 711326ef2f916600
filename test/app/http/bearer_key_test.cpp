#include "app/http/bearer_key.hpp"

#include <gtest/gtest.h>

namespace app {
namespace {

TEST(bearer_key, only_the_whole_key_behind_the_bearer_scheme_is_accepted) {
  const bearer_key key("a-key-of-some-length");
  EXPECT_TRUE(key.accepts("Bearer a-key-of-some-length"));
  EXPECT_TRUE(key.accepts("bEARER a-key-of-some-length"));
  for (const char* wrong :
       {"", "Bearer", "Bearer ", "a-key-of-some-length", "Basic a-key-of-some-length", "Bearer a-key-of-some-lengt",
        "Bearer a-key-of-some-length ", "Bearer  a-key-of-some-length", "Bearer A-key-of-some-length"}) {
    EXPECT_FALSE(key.accepts(wrong)) << wrong;
  }
}

TEST(bearer_key, where_there_is_none_none_is_accepted) {
  for (const char* any : {"", "Bearer ", "Bearer anything"}) EXPECT_FALSE(bearer_key("").accepts(any)) << any;
}

}  // namespace
}  // namespace app
