#include "usage/summed_answers.hpp"

#include <gtest/gtest.h>

#include <string>

namespace usage {
namespace {

normal_form of(std::int64_t input, std::int64_t output) {
  normal_form form;
  form.tokens.input_uncached = input;
  form.tokens.output_total = output;
  return form;
}

TEST(summed_answers, each_model_has_a_sum_of_its_own) {
  summed_answers all;
  EXPECT_TRUE(all.empty());
  all.add("a", of(1, 2));
  all.add("b", of(10, 20));
  all.add("a", of(100, 200));
  const answer_usage told = all.usage(0);
  EXPECT_EQ(told.details.served_model, "a");
  EXPECT_EQ(told.used.tokens.input_uncached, 101);
  EXPECT_EQ(told.used.tokens.output_total, 202);
  EXPECT_EQ(told.used.tokens.thinking, std::nullopt) << "nobody told it";
  EXPECT_EQ(told.facts.service_tier, "batch");
  ASSERT_EQ(told.details.sides.size(), 1u);
  EXPECT_EQ(told.details.sides[0].model, "b");
  EXPECT_EQ(told.details.sides[0].used.tokens.output_total, 20);
}

TEST(summed_answers, models_over_the_limit_are_added_to_the_last_and_flagged) {
  summed_answers all;
  for (std::size_t i = 0; i <= summed_answers::max_models; ++i) all.add(std::to_string(i), of(1, 1));
  const answer_usage told = all.usage(0);
  ASSERT_EQ(told.details.sides.size(), summed_answers::max_models - 1);
  EXPECT_EQ(told.details.sides.back().used.tokens.input_uncached, 2) << "no token is lost";
  EXPECT_EQ(told.details.sides.back().used.flags, total_differs);
  EXPECT_EQ(told.used.flags, 0);
}

}  // namespace
}  // namespace usage
