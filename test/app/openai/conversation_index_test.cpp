#include "app/openai/conversation_index.hpp"

#include <gtest/gtest.h>

namespace app::openai {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{};

conversation_digest digest(std::uint8_t number) {
  return {number};
}

TEST(conversation_index, a_conversation_is_found_once) {
  conversation_index index;
  index.put(digest(1), {"cascade", 7}, start);
  EXPECT_FALSE(index.take(digest(2), start));
  const auto found = index.take(digest(1), start + 1s);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cascade_id, "cascade");
  EXPECT_EQ(found->steps, 7u);
  EXPECT_FALSE(index.take(digest(1), start + 1s));
}

TEST(conversation_index, the_last_one_put_is_found) {
  conversation_index index;
  index.put(digest(1), {"old", 1}, start);
  index.put(digest(1), {"new", 2}, start);
  EXPECT_EQ(index.count(), 1u);
  EXPECT_EQ(index.take(digest(1), start)->cascade_id, "new");
}

TEST(conversation_index, the_oldest_make_room) {
  conversation_index index({2, 1h});
  for (std::uint8_t i = 1; i <= 3; ++i) index.put(digest(i), {"c", i}, start);
  EXPECT_EQ(index.count(), 2u);
  EXPECT_FALSE(index.take(digest(1), start));
  EXPECT_TRUE(index.take(digest(3), start));
  conversation_index none({0, 1h});
  none.put(digest(1), {"c", 1}, start);
  EXPECT_EQ(none.count(), 0u);
}

TEST(conversation_index, what_is_too_old_is_forgotten) {
  conversation_index index({10, 60s});
  index.put(digest(1), {"c", 1}, start);
  index.put(digest(2), {"c", 1}, start + 30s);
  EXPECT_FALSE(index.take(digest(1), start + 60s));
  EXPECT_EQ(index.count(), 1u);
  EXPECT_TRUE(index.take(digest(2), start + 89s));
}

}  // namespace
}  // namespace app::openai
