#include "app/run/token_budget.hpp"

#include <gmock/gmock.h>
#include <poll.h>

namespace app::run {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

bool is_spent(const token_budget& budget) {
  pollfd ready{budget.native(), POLLIN, 0};
  return ::poll(&ready, 1, 0) == 1;
}

TEST(token_budget, is_spent_once_the_limit_is_reached) {
  token_budget budget(100);
  budget.on_spent(99);
  EXPECT_FALSE(is_spent(budget));
  budget.on_spent(100);
  EXPECT_TRUE(is_spent(budget));
  budget.acknowledge();
  EXPECT_FALSE(is_spent(budget));
}

TEST(token_budget, says_what_it_cannot_count_and_where) {
  const usage::unread_note note{"api.openai.com", "/v1/realtime", "upgraded", 1, {}, 1, 1};
  CaptureStderr();
  token_budget(100).on_unread(note);
  EXPECT_THAT(GetCapturedStderr(),
              HasSubstr("not read: traffic to api.openai.com/v1/realtime (the connection went on in another protocol): "
                        "--max-tokens cannot count it"));
  CaptureStderr();
  token_budget(std::nullopt).on_unread(note);
  EXPECT_EQ(GetCapturedStderr(), "") << "the report has it";
}

}  // namespace
}  // namespace app::run
