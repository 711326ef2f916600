#include "app/bearer_key.hpp"

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

TEST(bearer_key, no_key_accepts_everybody) {
  EXPECT_FALSE(bearer_key("").required());
  EXPECT_TRUE(bearer_key("").accepts(""));
  EXPECT_TRUE(bearer_key("").accepts("Bearer anything"));
}

}  // namespace
}  // namespace app
