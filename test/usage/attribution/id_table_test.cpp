#include "usage/attribution/id_table.hpp"

#include <gmock/gmock.h>

namespace usage {
namespace {

using testing::ElementsAre;
using testing::IsNull;
using testing::NotNull;

TEST(row_queue, keeps_the_order_of_coming_whoever_leaves) {
  row_queue rows;
  for (const int row : {1, 2, 3, 4}) rows.add(row);
  rows.remove(3);
  rows.remove(1);
  rows.remove(7);
  EXPECT_THAT(rows.all(), ElementsAre(2, 4));
  rows.remove(2);
  rows.remove(4);
  EXPECT_TRUE(rows.empty());
  rows.add(5);
  EXPECT_THAT(rows.all(), ElementsAre(5));
}

TEST(row_queue, a_thousand_may_come_and_go_in_turn) {
  row_queue rows;
  for (int row = 0; row < 100; ++row) rows.add(row);
  for (int row = 100; row < 1100; ++row) {
    rows.add(row);
    rows.remove(row - 100);
    ASSERT_EQ(rows.all().size(), 100u);
    ASSERT_EQ(rows.all().front(), row - 99);
    ASSERT_EQ(rows.all().back(), row);
  }
}

TEST(id_table, an_id_is_known_while_a_row_carries_it_or_a_cascade_claims_it) {
  id_table ids;
  ids.add_row(id_role::trace, "t", 1);
  EXPECT_THAT(ids.find(id_role::response, "t"), IsNull()) << "the same text in another role";
  ids.claim(id_role::trace, "t", "cascade", 10);
  ids.remove_row(id_role::trace, "t", 1);
  ASSERT_THAT(ids.find(id_role::trace, "t"), NotNull());
  EXPECT_THAT(ids.find(id_role::trace, "t")->cascades, ElementsAre("cascade"));
  ids.forget_oldest();
  EXPECT_THAT(ids.find(id_role::trace, "t"), IsNull());
}

TEST(id_table, the_claim_that_was_told_longest_ago_is_the_oldest) {
  id_table ids;
  ids.claim(id_role::trace, "first", "a", 1);
  ids.claim(id_role::response, "second", "a", 2);
  EXPECT_FALSE(ids.claim(id_role::trace, "first", "a", 3)) << "no news, but told again";
  EXPECT_EQ(ids.oldest().id, "second");
  EXPECT_EQ(ids.oldest().role, id_role::response);
  EXPECT_EQ(ids.oldest().told_at, 2);
  ids.add_row(id_role::response, "second", 7);
  ids.forget_oldest();
  ASSERT_THAT(ids.find(id_role::response, "second"), NotNull()) << "a row carries it";
  EXPECT_TRUE(ids.find(id_role::response, "second")->cascades.empty());
  EXPECT_EQ(ids.oldest().id, "first");
}

}  // namespace
}  // namespace usage
