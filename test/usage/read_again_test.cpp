#include "usage/read_again.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/usage/golden_vector.hpp"

namespace usage {
namespace {

usage_record row_of(provider who, std::string raw, std::string path = "/v1/x") {
  usage_record row;
  row.provider = who;
  row.path = std::move(path);
  row.raw_usage = std::move(raw);
  return row;
}

TEST(read_again, a_row_of_an_older_reader_gets_what_its_object_tells) {
  auto row = row_of(provider::anthropic,
                    R"({"input_tokens":1,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4},)"
                    R"("iterations":[{"type":"compaction","input_tokens":100,"output_tokens":50}]})");
  row.tokens.input_uncached = 1;
  row.tokens.output_total = 9;
  const auto now = corrected(row);
  ASSERT_TRUE(now);
  EXPECT_EQ(now->tokens.input_uncached, 101);
  EXPECT_EQ(now->tokens.output_total, 59);
  EXPECT_EQ(now->tokens.thinking, 4);
  EXPECT_FALSE(corrected(*now)) << "once is enough";
}

TEST(read_again, a_row_without_an_object_or_with_a_broken_one_stays_as_it_is) {
  auto row = row_of(provider::openai_chat, "");
  row.tokens.output_total = 9;
  EXPECT_FALSE(corrected(row));
  row.raw_usage = R"({"prompt_tokens":)";
  EXPECT_FALSE(corrected(row));
  row.raw_usage = R"({"another":"object"})";
  EXPECT_FALSE(corrected(row));
}

TEST(read_again, what_the_object_does_not_tell_is_kept) {
  auto row = row_of(provider::openai_chat, R"({"prompt_tokens":3,"completion_tokens":2,"total_tokens":5})");
  row.tokens.input_uncached = 3;
  row.tokens.output_total = 2;
  row.tokens.thinking = 1;  // an earlier event told it
  EXPECT_FALSE(corrected(row));
}

TEST(read_again, every_golden_row_reads_again_as_it_was_booked) {
  std::size_t read = 0;
  for (const auto& each : golden::load(GOLDEN_FILES)) {
    const auto head = net::wire::parse_request_head(each.request_head);
    ASSERT_TRUE(head) << each.name;
    exchange_account account(each.host, *head, {});
    account.request_body(each.request_body);
    if (!each.response_head.empty()) account.response(*net::wire::parse_response_head(each.response_head));
    account.response_body(each.response_body);
    const usage_record row = account.finish(each.how, each.cause);
    if (row.raw_usage.empty() || (row.usage_flags & count_unreadable) != 0) continue;
    EXPECT_FALSE(corrected(row)) << each.name;
    ++read;
    for (const usage_record& side : account.beside(row)) EXPECT_FALSE(corrected(side)) << each.name;
  }
  EXPECT_GT(read, 60u);
}

}  // namespace
}  // namespace usage
