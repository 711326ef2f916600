#include "usage/usage_object.hpp"

#include <gtest/gtest.h>

#include <string>

namespace usage {
namespace {

TEST(usage_object, reads_one_object_or_those_that_followed_each_other) {
  const usage_object one(anthropic_dialect(), R"({"input_tokens":3,"type":"message","model":"m"})");
  EXPECT_TRUE(one.understood());
  EXPECT_EQ(one.used().tokens.input_uncached, 3);
  EXPECT_EQ(one.type(), "message");
  EXPECT_EQ(one.model(), "m");
  const usage_object two(anthropic_dialect(), R"([{"input_tokens":3,"output_tokens":1},{"output_tokens":9}])");
  EXPECT_EQ(two.used().tokens.input_uncached, 3);
  EXPECT_EQ(two.used().tokens.output_total, 9);
  EXPECT_FALSE(usage_object(anthropic_dialect(), R"({"input_tokens":)").understood());
  EXPECT_FALSE(usage_object(anthropic_dialect(), "{}").understood());
}

TEST(usage_object, elements_come_as_they_were_sent_with_the_tag_of_their_list) {
  const json_paths lists{{"a[*]", 1, selection::verbatim}, {"b[*]", 2, selection::verbatim}};
  std::string seen;
  const auto look = [&seen](int tag, std::string_view each) { seen += std::to_string(tag) + std::string(each); };
  for_each_element(R"({"b":[{"x": 1}],"a":[{"y":2},{"z":3}]})", "\"a\"", lists, look);
  EXPECT_EQ(seen, R"(2{"x": 1}1{"y":2}1{"z":3})");
  seen.clear();
  for_each_element(R"({"b":[{"x":1}]})", "\"a\"", lists, look);
  EXPECT_EQ(seen, "") << "the mark is not there";
}

TEST(usage_object, the_last_of_several_objects_is_found) {
  EXPECT_EQ(last_object(R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(last_object(R"([{"a":1},{"b": 2}])"), R"({"b": 2})");
}

TEST(usage_object, a_share_is_told_by_modality_or_by_how_long_it_lasts) {
  EXPECT_EQ(token_share_of(R"({"modality":"AUDIO","tokenCount":7})").tokens, 7);
  EXPECT_EQ(token_share_of(R"({"tokens":7,"modality":"audio"})").modality, "audio");
  EXPECT_EQ(token_share_of(R"({"ttl":"1h","inputTokens":7})").modality, "1h");
  EXPECT_EQ(token_share_of(R"({"ttl":"1h"})").tokens, 0);
}

}  // namespace
}  // namespace usage
