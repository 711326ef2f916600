#include "usage/attribution/transcripts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace usage {
namespace {

constexpr std::uint64_t a = 1, b = 2, c = 3;  // processes

/// Links of a transcript in which each letter is a message.
std::vector<std::uint64_t> links(std::string_view messages) {
  std::vector<std::uint64_t> all;
  std::uint64_t last = 0;
  for (const char each : messages) all.push_back(last = last * 1'000'003 + static_cast<std::uint64_t>(each));
  return all;
}

class transcripts_test : public testing::Test {
 protected:
  std::uint64_t sent(std::uint64_t process, std::string_view messages) {
    return known_.place(links(messages), process, true).value();
  }

  transcripts known_{1000};
};

TEST_F(transcripts_test, a_transcript_that_grows_stays_in_its_conversation) {
  const auto conversation = sent(a, "1");
  EXPECT_EQ(sent(a, "12"), conversation);
  EXPECT_EQ(sent(a, "123"), conversation);
  EXPECT_EQ(sent(a, "123456"), conversation) << "by several messages at once";
}

TEST_F(transcripts_test, another_first_message_is_another_conversation) {
  EXPECT_NE(sent(a, "1"), sent(a, "2"));
  EXPECT_NE(sent(a, "12"), sent(a, "32"));
}

TEST_F(transcripts_test, the_same_transcript_once_more_is_a_retry) {
  const auto conversation = sent(a, "12");
  EXPECT_EQ(sent(a, "12"), conversation);
}

TEST_F(transcripts_test, a_branch_by_the_same_process_is_the_users_correction) {
  const auto conversation = sent(a, "1");
  sent(a, "12");
  sent(a, "123");
  EXPECT_EQ(sent(a, "1x"), conversation);
  EXPECT_EQ(sent(a, "1xy"), conversation);
  EXPECT_EQ(sent(a, "12z"), conversation);
}

TEST_F(transcripts_test, a_changed_message_is_found_by_what_stands_before_it) {
  const auto conversation = sent(a, "1");
  sent(a, "12");
  sent(a, "123");
  EXPECT_EQ(sent(a, "1x34"), conversation);
}

TEST_F(transcripts_test, a_summary_in_place_of_the_transcript_begins_a_conversation) {
  const auto conversation = sent(a, "12");
  const auto compacted = sent(a, "s3");
  EXPECT_NE(compacted, conversation);
  EXPECT_EQ(sent(a, "s34"), compacted);
}

TEST_F(transcripts_test, two_processes_that_begin_alike_have_two_conversations_and_keep_them) {
  const auto first = sent(a, "12");
  const auto second = sent(b, "12");
  EXPECT_NE(first, second);
  EXPECT_EQ(sent(b, "123"), second);
  EXPECT_EQ(sent(a, "123"), first);
  EXPECT_EQ(sent(b, "1234"), second);
}

TEST_F(transcripts_test, another_process_goes_on_where_the_conversation_has_got_to) {
  const auto conversation = sent(a, "1");
  sent(a, "12");
  sent(a, "123");
  EXPECT_EQ(sent(b, "1234"), conversation);
  EXPECT_EQ(sent(b, "12345"), conversation);
  EXPECT_EQ(sent(c, "123456"), conversation);
}

TEST_F(transcripts_test, a_call_beside_the_conversation_does_not_hide_where_it_has_got_to) {
  const auto conversation = sent(a, "1");
  sent(a, "12");
  EXPECT_EQ(sent(a, "12?"), conversation);
  EXPECT_EQ(sent(b, "123"), conversation);
}

TEST_F(transcripts_test, a_branch_by_another_process_is_another_conversation) {
  const auto conversation = sent(a, "1");
  sent(a, "12");
  sent(a, "123");
  sent(a, "1234");
  const auto branch = sent(b, "12x");
  EXPECT_NE(branch, conversation);
  EXPECT_EQ(sent(b, "12xy"), branch);
}

TEST_F(transcripts_test, one_common_message_joins_no_two_processes) {
  EXPECT_NE(sent(a, "1"), sent(b, "12"));
}

TEST_F(transcripts_test, what_begins_none_is_only_placed_in_one_that_is_known) {
  EXPECT_EQ(known_.place(links("1"), a, false), std::nullopt);
  const auto conversation = sent(a, "1");
  EXPECT_EQ(known_.place(links("12"), a, false), conversation);
  EXPECT_EQ(known_.size(), 1u);
}

TEST_F(transcripts_test, the_transcripts_seen_longest_ago_are_forgotten) {
  known_ = transcripts(2);
  const auto first = sent(a, "1");
  sent(a, "x");
  EXPECT_EQ(sent(a, "1"), first) << "seen again, so the other one is older";
  sent(a, "y");
  EXPECT_EQ(known_.size(), 2u);
  EXPECT_EQ(known_.place(links("x2"), a, false), std::nullopt);
  EXPECT_EQ(known_.place(links("12"), a, false), first);
}

TEST_F(transcripts_test, a_forgotten_transcript_is_no_bridge_to_another_process) {
  known_ = transcripts(1);
  sent(a, "12");
  sent(a, "x");
  EXPECT_EQ(known_.place(links("123"), b, false), std::nullopt);
}

TEST_F(transcripts_test, what_is_recalled_goes_on) {
  EXPECT_TRUE(known_.recall(links("123").back(), a, 7));
  EXPECT_TRUE(known_.recall(links("12").back(), a, 7));
  EXPECT_TRUE(known_.recall(links("1").back(), a, 7));
  EXPECT_EQ(sent(a, "1234"), 7u) << "in the same process";
  EXPECT_EQ(sent(a, "1x"), 7u);
}

TEST_F(transcripts_test, what_is_recalled_is_taken_over_at_its_end_only) {
  for (const char* each : {"1234", "123", "12"}) known_.recall(links(each).back(), a, 7);
  EXPECT_NE(sent(b, "12x"), 7u);
  EXPECT_EQ(sent(b, "1234x"), 7u);
}

TEST_F(transcripts_test, what_was_seen_in_this_run_is_newer_than_what_is_recalled) {
  known_ = transcripts(2);
  const auto conversation = sent(a, "12");
  known_.recall(links("12").back(), a, 7);
  EXPECT_EQ(sent(a, "12"), conversation);
  EXPECT_TRUE(known_.recall(links("12").back(), c, 8));
  EXPECT_EQ(sent(b, "123"), conversation) << "which has forgotten what was recalled";
  EXPECT_EQ(known_.size(), 2u);
  EXPECT_FALSE(known_.recall(links("z").back(), a, 9)) << "there is no room";
}

}  // namespace
}  // namespace usage
