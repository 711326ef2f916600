#include "app/run/tally.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace app::run {
namespace {

usage::usage_record call(std::string model, std::int64_t input, std::int64_t output) {
  usage::usage_record row;
  row.kind = usage::call_kind::model;
  row.status = usage::record_status::complete;
  row.host = "api.openai.com";
  row.requested_model = std::move(model);
  row.tokens.input_uncached = input;
  row.tokens.output_total = output;
  return row;
}

TEST(tally, sums_by_model_and_by_conversation) {
  tally spent;
  auto first = call("small", 10, 1);
  first.conversation = "a";
  first.executable = "/usr/bin/node";
  spent.add(first);
  EXPECT_EQ(spent.add(call("large", 20, 2)), 33);
  const auto summary = spent.summary();
  EXPECT_EQ(summary.totals.requests, 2);
  EXPECT_EQ(summary.totals.input_tokens, 30);
  ASSERT_EQ(summary.groups.size(), 3u);
  const auto& models = summary.groups[0].second;
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].key, "large");
  EXPECT_EQ(models[0].totals.output_tokens, 2);
  EXPECT_EQ(summary.groups[1].second[1].key, "a");
  EXPECT_EQ(summary.groups[2].second[1].key, "/usr/bin/node");
}

TEST(tally, a_model_that_was_not_asked_for_is_the_one_that_answered) {
  tally spent;
  auto row = call("", 1, 1);
  row.served_model = "served";
  spent.add(row);
  EXPECT_EQ(spent.summary().groups[0].second[0].key, "served");
}

TEST(tally, answers_that_repeat_an_id_all_count) {
  tally spent;
  auto row = call("m", 5, 5);
  row.response_id = "chatcmpl-0";
  spent.add(row);
  EXPECT_EQ(spent.add(row), 20);
  EXPECT_EQ(spent.summary().totals.requests, 2);
}

TEST(tally, a_background_call_counts_at_the_poll_that_tells_it_and_once) {
  tally spent;
  auto accepted = call("m", 0, 0);
  accepted.provider = usage::provider::openai_responses;
  accepted.response_id = "resp-1";
  accepted.conversation = "c";
  accepted.status = usage::record_status::unreported;
  accepted.tokens = {};
  auto poll = accepted;
  poll.request_kind = usage::fetch_kind;
  poll.kind = usage::call_kind::other;
  auto told = call("", 70, 7);
  told.provider = usage::provider::openai_responses;
  told.response_id = "resp-1";
  told.request_kind = usage::fetch_kind;
  EXPECT_EQ(spent.add(accepted), 0);
  EXPECT_EQ(spent.add(poll), 0);
  EXPECT_EQ(spent.add(told), 77) << "a budget must see it now";
  EXPECT_EQ(spent.add(told), 77);
  const auto summary = spent.summary();
  EXPECT_EQ(summary.totals.requests, 1);
  EXPECT_EQ(summary.totals.other_requests, 3);
  EXPECT_EQ(summary.totals.unreported, 0);
  const auto& conversations = summary.groups[1].second;
  EXPECT_EQ(std::ranges::find(conversations, "c", &usage::usage_group::key)->totals.output_tokens, 7);
}

TEST(tally, groups_beyond_the_limit_count_in_the_totals_only) {
  tally spent;
  for (std::size_t number = 0; number < tally::max_groups + 5; ++number)
    spent.add(call("m" + std::to_string(number), 1, 0));
  const auto summary = spent.summary();
  EXPECT_EQ(summary.groups[0].second.size(), tally::max_groups);
  EXPECT_EQ(summary.totals.input_tokens, static_cast<std::int64_t>(tally::max_groups) + 5);
}

TEST(tally, a_prewarm_is_no_model_call_and_its_tokens_do_not_count_against_a_limit) {
  tally spent;
  auto prewarm = call("m", 900, 0);
  prewarm.kind = usage::call_kind::prewarm;
  EXPECT_EQ(spent.add(prewarm), 0);
  EXPECT_EQ(spent.add(call("m", 10, 1)), 11);
  const auto totals = spent.summary().totals;
  EXPECT_EQ(totals.requests, 1);
  EXPECT_EQ(totals.other_requests, 1);
  EXPECT_EQ(totals.input_tokens, 10);
}

}  // namespace
}  // namespace app::run
