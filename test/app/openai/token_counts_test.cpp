#include "app/openai/token_counts.hpp"

#include <gtest/gtest.h>

#include <limits>

#include <boost/json.hpp>

namespace app::openai {
namespace {

constexpr token_counts sample{100, 30, 7, 50, 20};

boost::json::value chat(const std::optional<token_counts>& counts) {
  std::string out;
  append_chat_usage(out, counts);
  return boost::json::parse(out);
}

boost::json::value response(const std::optional<token_counts>& counts) {
  std::string out;
  append_response_usage(out, counts);
  return boost::json::parse(out);
}

TEST(token_counts, chat_usage_counts_cached_input_as_prompt) {
  const auto usage = chat(sample);
  EXPECT_EQ(usage.at("prompt_tokens"), 137);
  EXPECT_EQ(usage.at("completion_tokens"), 50);
  EXPECT_EQ(usage.at("total_tokens"), 187);
  EXPECT_EQ(usage.at_pointer("/prompt_tokens_details/cached_tokens"), 30);
  EXPECT_EQ(usage.at_pointer("/prompt_tokens_details/cache_write_tokens"), 7);
  EXPECT_EQ(usage.at_pointer("/prompt_tokens_details/audio_tokens"), 0);
  EXPECT_EQ(usage.at_pointer("/completion_tokens_details/reasoning_tokens"), 20);
  for (const char* zero : {"audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"})
    EXPECT_EQ(usage.at("completion_tokens_details").at(zero), 0);
}

TEST(token_counts, response_usage_has_every_required_member) {
  EXPECT_EQ(response(sample), boost::json::parse(R"({"input_tokens":137,
      "input_tokens_details":{"cached_tokens":30,"cache_write_tokens":7},"output_tokens":50,
      "output_tokens_details":{"reasoning_tokens":20},"total_tokens":187})"));
}

TEST(token_counts, unknown_usage_is_null) {
  EXPECT_TRUE(chat(std::nullopt).is_null());
  EXPECT_TRUE(response(std::nullopt).is_null());
  EXPECT_FALSE(usage_sum().total());
}

TEST(token_counts, a_call_told_again_is_counted_once) {
  usage_sum sum;
  sum.add("r1", {1, 1, 1, 1, 1}, false);
  sum.add("r2", {10, 10, 10, 10, 10}, false);
  sum.add("r1", {5, 5, 5, 5, 5}, true);
  sum.add("r1", {5, 5, 5, 5, 5}, false);
  EXPECT_EQ(sum.total(), (token_counts{15, 15, 15, 15, 15}));
}

TEST(token_counts, calls_without_an_id_add_up_unless_revised) {
  usage_sum sum;
  sum.add("", {1, 0, 0, 1, 0}, false);
  sum.add("", {2, 0, 0, 2, 0}, false);
  sum.add("", {4, 0, 0, 4, 0}, true);
  EXPECT_EQ(sum.total(), (token_counts{5, 0, 0, 5, 0}));
}

TEST(token_counts, a_call_of_no_tokens_is_still_told) {
  usage_sum sum;
  sum.add("r", {}, false);
  EXPECT_EQ(sum.total(), token_counts{});
}

TEST(token_counts, beyond_the_limit_calls_are_added_and_not_kept) {
  usage_sum sum;
  for (std::size_t i = 0; i < usage_sum::max_calls + 2; ++i) sum.add(std::to_string(i), {1, 0, 0, 0, 0}, false);
  sum.add(std::to_string(usage_sum::max_calls), {1, 0, 0, 0, 0}, true);
  EXPECT_EQ(sum.total()->input_uncached, usage_sum::max_calls + 3);
}

TEST(token_counts, sums_stay_at_the_largest_number) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(input_total({most, 5, 5, 0, 0}), most);
  usage_sum sum;
  sum.add("a", {most, 0, 0, most, 0}, false);
  sum.add("b", {most, 0, 0, most, 0}, false);
  EXPECT_EQ(sum.total()->output, most);
}

}  // namespace
}  // namespace app::openai
