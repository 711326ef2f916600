#include "usage/fetched_answer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace usage::testing {
namespace {

usage_record call(std::string id, std::int64_t output) {
  usage_record row;
  row.host = "api.openai.com";
  row.provider = provider::openai_responses;
  row.kind = call_kind::model;
  row.status = record_status::complete;
  row.response_id = std::move(id);
  row.tokens.output_total = output;
  return row;
}

usage_record untold(std::string id) {
  usage_record row = call(std::move(id), 0);
  row.status = record_status::unreported;
  row.tokens = {};
  return row;
}

usage_record fetch(std::string id, std::int64_t output) {
  usage_record row = call(std::move(id), output);
  row.request_kind = fetch_kind;
  return row;
}

TEST(fetched_answer, a_call_is_open_until_its_usage_is_told_to_the_end) {
  EXPECT_TRUE(is_open(untold("r")));
  EXPECT_FALSE(is_open(call("r", 1)));
  EXPECT_FALSE(is_open(fetch("r", 1)));
  auto cut = call("r", 1);
  cut.status = record_status::interrupted;
  EXPECT_TRUE(is_open(cut)) << "what is told of it is a lower bound";
}

TEST(fetched_answer, only_a_fetch_that_tells_tokens_tells_usage) {
  EXPECT_TRUE(tells_usage(fetch("r", 1)));
  EXPECT_FALSE(tells_usage(call("r", 1)));
  EXPECT_FALSE(tells_usage(without_usage(fetch("r", 1))));
  auto foreign = fetch("r", 1);
  foreign.provider = provider::google;  // whose requests name kinds of their own
  EXPECT_FALSE(tells_usage(foreign));
}

TEST(fetched_answer, a_fetch_completes_the_oldest_open_call_unless_its_tokens_are_known) {
  const std::vector calls{call("r", 1), untold("r"), untold("r")};
  EXPECT_EQ(completed_by(fetch("r", 2), calls), 1u);
  EXPECT_EQ(completed_by(fetch("r", 1), calls), std::nullopt);
  EXPECT_EQ(completed_by(fetch("r", 2), {}), std::nullopt);
  auto early = fetch("r", 2);
  early.started_at = -1;
  EXPECT_EQ(completed_by(early, calls), std::nullopt) << "nothing is fetched before it began";
}

TEST(fetchable_calls, generations_of_one_id_count_as_they_are) {
  fetchable_calls seen;
  for (int i = 0; i < 3; ++i) {
    const auto change = seen.see(call("same", 5));
    EXPECT_TRUE(change.as_it_is && change.new_usage);
  }
}

TEST(fetchable_calls, a_fetch_of_a_call_that_is_counted_adds_no_usage) {
  fetchable_calls seen;
  seen.see(call("r", 5));
  const auto change = seen.see(fetch("r", 5));
  EXPECT_FALSE(change.as_it_is || change.new_usage);
  EXPECT_TRUE(change.less.empty());
  ASSERT_EQ(change.more.size(), 1u);
  EXPECT_EQ(change.more[0].kind, call_kind::other);
  EXPECT_EQ(change.more[0].tokens, token_usage{});
}

TEST(fetchable_calls, the_first_poll_that_tells_completes_its_call) {
  fetchable_calls seen;
  seen.see(untold("r"));
  const auto change = seen.see(fetch("r", 5));
  EXPECT_TRUE(change.new_usage);
  ASSERT_EQ(change.less.size(), 1u);
  EXPECT_EQ(change.less[0].status, record_status::unreported);
  ASSERT_EQ(change.more.size(), 2u);
  EXPECT_EQ(change.more[1].tokens.output_total, 5);
  EXPECT_EQ(change.more[1].status, record_status::complete);
  EXPECT_FALSE(seen.see(fetch("r", 5)).new_usage);
}

TEST(fetchable_calls, a_call_that_ends_after_its_fetch_takes_its_place) {
  fetchable_calls seen;
  EXPECT_TRUE(seen.see(fetch("r", 5)).as_it_is);
  const auto change = seen.see(call("r", 5));
  EXPECT_FALSE(change.new_usage);
  ASSERT_EQ(change.less.size(), 1u);
  EXPECT_EQ(change.less[0].tokens.output_total, 5);
  EXPECT_EQ(change.more.size(), 2u);
}

TEST(fetchable_calls, those_long_ago_are_forgotten) {
  fetchable_calls seen;
  seen.see(call("first", 5));
  for (std::size_t i = 1; i < fetchable_calls::max_remembered; ++i) seen.see(call(std::to_string(i), 1));
  EXPECT_FALSE(seen.see(fetch("first", 5)).new_usage);
  seen.see(call("one more", 1));
  EXPECT_TRUE(seen.see(fetch("first", 5)).as_it_is);
}

}  // namespace
}  // namespace usage::testing
