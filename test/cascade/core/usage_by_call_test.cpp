#include "cascade/core/usage_by_call.hpp"

#include <gtest/gtest.h>

namespace cascade {
namespace {

exa::codeium_common_pb::ModelUsageStats stats(std::uint64_t input, std::uint64_t output) {
  exa::codeium_common_pb::ModelUsageStats usage;
  usage.set_response_id("r");
  usage.set_input_tokens(input);
  usage.set_output_tokens(output);
  return usage;
}

TEST(usage_by_call, the_same_call_is_told_once) {
  usage_by_call book;
  const auto told = book.add({.key = "r", .response_model = "served"}, stats(10, 3));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->response_id, "r");
  EXPECT_EQ(told->response_model, "served");
  EXPECT_EQ(told->input, 10u);
  EXPECT_EQ(told->output, 3u);
  EXPECT_FALSE(told->revised);
  EXPECT_FALSE(book.add({.key = "r"}, stats(10, 3)));
}

TEST(usage_by_call, a_count_that_grew_is_told_again_as_revised_and_a_smaller_one_is_not) {
  usage_by_call book;
  book.add({.key = "r"}, stats(10, 3));
  const auto told = book.add({.key = "r"}, stats(4, 8));
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->revised);
  EXPECT_EQ(told->input, 10u);
  EXPECT_EQ(told->output, 8u);
  EXPECT_FALSE(book.add({.key = "r"}, stats(1, 1)));
}

TEST(usage_by_call, usage_without_tokens_is_not_told_and_does_not_count_as_told) {
  usage_by_call book;
  EXPECT_FALSE(book.add({.key = "r"}, stats(0, 0)));
  const auto told = book.add({.key = "r"}, stats(1, 0));
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->revised);
}

TEST(usage_by_call, output_is_the_sum_of_its_parts_where_only_those_are_given) {
  usage_by_call book;
  auto usage = stats(1, 0);
  usage.set_thinking_output_tokens(5);
  usage.set_response_output_tokens(2);
  const auto told = book.add({.key = "r"}, usage);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->output, 7u);
  EXPECT_EQ(told->reasoning, 5u);
}

TEST(usage_by_call, two_keys_are_two_calls) {
  usage_by_call book;
  EXPECT_TRUE(book.add({.key = "r"}, stats(1, 1)));
  EXPECT_TRUE(book.add({.key = "q", .failed_attempt = true}, stats(1, 1))->failed_attempt);
}

}  // namespace
}  // namespace cascade
