#include "app/run/token_budget.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include "app/run/tally.hpp"

namespace app::run {
namespace {

bool readable(const token_budget& budget) {
  pollfd one{budget.native(), POLLIN, 0};
  return ::poll(&one, 1, 0) == 1;
}

/// A row as each turn of a WebSocket has one at its terminal event, while the socket goes on.
usage::usage_record turn(std::int64_t input, std::int64_t output) {
  usage::usage_record row;
  row.kind = usage::call_kind::model;
  row.transport = usage::transport::websocket;
  row.tokens.input_uncached = input;
  row.tokens.output_total = output;
  return row;
}

TEST(token_budget, is_spent_by_the_turn_that_reaches_it_and_not_before) {
  tally spent;
  token_budget budget(100);
  budget.on_spent(spent.add(turn(50, 30)));
  EXPECT_FALSE(readable(budget));
  budget.on_spent(spent.add(turn(15, 5)));
  EXPECT_TRUE(readable(budget));
  budget.acknowledge();
  EXPECT_FALSE(readable(budget));
}

TEST(token_budget, a_prewarm_spends_nothing_of_it) {
  tally spent;
  token_budget budget(100);
  auto prewarm = turn(1000, 0);
  prewarm.kind = usage::call_kind::prewarm;
  budget.on_spent(spent.add(prewarm));
  EXPECT_FALSE(readable(budget));
}

TEST(token_budget, without_a_limit_is_never_spent) {
  token_budget budget(std::nullopt);
  budget.on_spent(1'000'000);
  EXPECT_FALSE(readable(budget));
}

}  // namespace
}  // namespace app::run
