#include "app/accounting/fallback_place.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace app {
namespace {

class fallback_place_test : public testing::Test {
 protected:
  /// Of a client's process; `links` of its transcript.
  static usage::usage_record row(std::vector<std::uint64_t> links, std::int64_t pid = 10) {
    auto made = usage::testing::model_call(usage::testing::epoch, "m", 1, 1);
    made.path = "/v1/chat/completions";
    made.pid = pid;
    made.uid = 1000;
    made.executable = "/usr/bin/node";
    made.process_started = 77;
    made.take_transcript(std::move(links));
    return made;
  }

  usage::usage_record placed(usage::usage_record row) {
    fallback_.put(row);
    return row;
  }

  fallback_place fallback_{100};
};

TEST_F(fallback_place_test, rows_of_one_transcript_are_one_conversation) {
  const auto first = placed(row({1}));
  EXPECT_EQ(first.attributed_by, "transcript");
  EXPECT_TRUE(first.conversation.starts_with("transcript-")) << first.conversation;
  EXPECT_EQ(first.conversation.size(), 11u + 16u);
  EXPECT_EQ(placed(row({1, 2})).conversation, first.conversation);
  EXPECT_NE(placed(row({3})).conversation, first.conversation);
}

TEST_F(fallback_place_test, two_processes_are_told_apart_by_all_that_is_known_of_them) {
  const auto first = placed(row({1})).conversation;
  EXPECT_EQ(placed(row({1})).conversation, first);
  EXPECT_NE(placed(row({1}, 11)).conversation, first);
  auto other = row({1});
  other.uid = 1001;
  EXPECT_NE(placed(other).conversation, first);
  other = row({1});
  other.executable = "/usr/bin/python3";
  EXPECT_NE(placed(other).conversation, first);
}

TEST_F(fallback_place_test, a_call_without_a_transcript_is_in_the_conversation_of_its_process) {
  const auto embedded = placed(row({}));
  EXPECT_EQ(embedded.conversation, "process-10-77");
  EXPECT_EQ(embedded.attributed_by, "process");
}

TEST_F(fallback_place_test, a_call_of_no_known_process_without_a_transcript_is_in_none) {
  auto unknown = row({});
  unknown.pid.reset();
  EXPECT_EQ(placed(unknown).attributed_by, "");
  unknown = row({});
  unknown.process_started.reset();
  EXPECT_EQ(placed(unknown).attributed_by, "");
}

TEST_F(fallback_place_test, counting_tokens_begins_no_conversation_but_belongs_to_one) {
  auto counting = row({1, 2});
  counting.kind = usage::call_kind::count_tokens;
  EXPECT_EQ(placed(counting).attributed_by, "");
  const auto first = placed(row({1})).conversation;
  EXPECT_EQ(placed(counting).conversation, first);
}

TEST_F(fallback_place_test, what_others_place_is_left_alone) {
  auto server = row({1});
  server.path = "/v1internal:streamGenerateContent";
  EXPECT_EQ(placed(server).attributed_by, "");
  auto fetched = row({});
  fetched.request_kind = "fetch";
  EXPECT_EQ(placed(fetched).attributed_by, "");
  auto other = row({});
  other.kind = usage::call_kind::other;
  EXPECT_EQ(placed(other).attributed_by, "");
}

TEST_F(fallback_place_test, what_the_ledger_knows_goes_on) {
  const auto first = placed(row({1, 2}));
  fallback_place later(100);
  later.recall({*first.transcript, first.conversation, first.pid, first.uid, first.executable});
  auto next = row({1, 2, 3});
  later.put(next);
  EXPECT_EQ(next.conversation, first.conversation);
  next = row({1, 2, 4}, 99);
  later.put(next);
  EXPECT_EQ(next.conversation, first.conversation) << "in a process that takes it over";
}

TEST_F(fallback_place_test, a_conversation_of_another_form_is_not_recalled) {
  for (const char* each : {"c", "transcript-", "transcript-x", "transcript-1x"}) {
    EXPECT_TRUE(fallback_.recall({1, each, 10, 1000, "/usr/bin/node"}));
    EXPECT_NE(placed(row({1})).conversation, each);
  }
}

}  // namespace
}  // namespace app
