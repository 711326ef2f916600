#include "usage/usage_record.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

TEST(usage_record, every_word_reads_back_as_the_value_it_was_written_for) {
  for (const auto value :
       {provider::unknown, provider::google, provider::openai_chat, provider::openai_responses, provider::anthropic})
    EXPECT_EQ(provider_from(to_string(value)), value);
  for (const auto value : {call_kind::model, call_kind::count_tokens, call_kind::other, call_kind::prewarm})
    EXPECT_EQ(call_kind_from(to_string(value)), value);
  for (const auto value : {record_status::complete, record_status::interrupted, record_status::error,
                           record_status::unreported, record_status::not_read})
    EXPECT_EQ(record_status_from(to_string(value)), value);
  for (const auto value : {transport::http1, transport::h2, transport::websocket})
    EXPECT_EQ(transport_from(to_string(value)), value);
}

TEST(usage_record, the_words_in_the_ledger_do_not_change) {
  EXPECT_EQ(to_string(provider::openai_responses), "openai_responses");
  EXPECT_EQ(to_string(call_kind::count_tokens), "count_tokens");
  EXPECT_EQ(to_string(call_kind::prewarm), "prewarm");
  EXPECT_EQ(to_string(record_status::unreported), "unreported");
  EXPECT_EQ(to_string(transport::http1), "http/1.1");
  EXPECT_EQ(to_string(transport::h2), "h2");
  EXPECT_EQ(to_string(transport::websocket), "websocket");
}

TEST(usage_record, unknown_words_are_nothing) {
  EXPECT_EQ(provider_from("Google"), std::nullopt);
  EXPECT_EQ(call_kind_from(""), std::nullopt);
  EXPECT_EQ(record_status_from("done"), std::nullopt);
  EXPECT_EQ(transport_from(""), std::nullopt);
}

}  // namespace
}  // namespace usage
