#include "usage/ledger/reports/conversation_record.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace usage::testing {
namespace {

usage_record agent_row(std::string conversation, std::string response, std::int64_t at = epoch) {
  usage_record row = model_call(at, "gemini-3-pro", 10, 5);
  row.provider = provider::google;
  row.host = "daily-cloudcode-pa.googleapis.com";
  row.path = "/v1internal:streamGenerateContent";
  row.conversation = std::move(conversation);
  row.attributed_by = row.conversation.empty() ? "" : "request_id";
  row.response_id = std::move(response);
  return row;
}

server_call listed(std::string conversation, std::string response) {
  server_call call;
  call.conversation = std::move(conversation);
  call.response_id = std::move(response);
  call.reported_at = epoch;
  return call;
}

TEST(conversation_reader, a_conversation_is_all_that_is_known_of_it) {
  temporary_ledger at;
  ledger store = at.open();
  auto inner = agent_row("c", "r3", epoch + 3);
  inner.trajectory_id = "t2";
  store
      .write(std::vector<ledger_entry>{agent_row("c", "r2", epoch + 2), agent_row("c", "r1", epoch + 1), inner,
                                       agent_row("child", "r4", epoch + 4), listed("c", "r1"),
                                       conversation_turn{"c", "request", 0, epoch, {}, {}, ""},
                                       conversation_parent{"child", "c", 1}, conversation_parent{"t2", "c", 2}})
      .value();
  const auto record = at.reader().conversation("c").value();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->totals.requests, 3);
  EXPECT_EQ(record->totals.input_tokens, 30);
  ASSERT_EQ(record->rows.size(), 3u);
  EXPECT_EQ(record->rows[0].response_id, "r1");
  EXPECT_FALSE(record->has_more);
  EXPECT_EQ(record->calls.size(), 1u);
  EXPECT_EQ(record->turns.size(), 1u);
  ASSERT_EQ(record->sub_agents.size(), 2u);
  EXPECT_EQ(record->sub_agents[0].totals.output_tokens, 5);
  EXPECT_EQ(record->sub_agents[1].name, "t2");
  EXPECT_EQ(record->sub_agents[1].totals.output_tokens, 5);
  EXPECT_EQ(at.reader().conversation("child").value()->parent, "c");
  EXPECT_FALSE(at.reader().conversation("nobody").value().has_value());
}

TEST(conversation_reader, a_long_conversation_shows_its_latest_rows) {
  temporary_ledger at;
  ledger store = at.open();
  std::vector<usage_record> rows;
  for (int i = 0; i <= max_exchange_rows; ++i) rows.push_back(agent_row("c", "", epoch + i));
  store.insert(rows).value();
  const auto record = at.reader().conversation("c").value();
  EXPECT_TRUE(record->has_more);
  ASSERT_EQ(record->rows.size(), static_cast<std::size_t>(max_exchange_rows));
  EXPECT_EQ(record->rows.front().started_at, epoch + 1);
  EXPECT_EQ(record->totals.requests, max_exchange_rows + 1);
}

TEST(conversation_reader, the_sides_hold_answers_that_are_elsewhere) {
  temporary_ledger at;
  ledger store = at.open();
  auto other = agent_row("c", "x");
  other.kind = call_kind::other;
  store
      .write(std::vector<ledger_entry>{agent_row("c", "r1"), agent_row("d", "r2"), agent_row("", "r3"), other,
                                       listed("c", "r1"), listed("c", "r2"), listed("c", "r9")})
      .value();
  const auto sides = at.reader().sides("c").value();
  ASSERT_EQ(sides.rows.size(), 2u);
  EXPECT_EQ(sides.rows[1].conversation, "d");
  EXPECT_EQ(sides.calls.size(), 3u);
  EXPECT_FALSE(sides.truncated);
  EXPECT_EQ(at.reader().sides("").value().rows.size(), 1u);
}

TEST(conversation_reader, conversations_of_language_servers_are_compared_and_others_not) {
  temporary_ledger at;
  ledger store = at.open();
  auto codex = model_call(epoch + 9, "gpt-5", 1, 1);
  codex.conversation = "thread";
  store
      .write(std::vector<ledger_entry>{agent_row("wire", "r1", epoch + 2), agent_row("", "r2", epoch + 1), codex,
                                       agent_row("old", "r3", epoch - hour), listed("told", "r4")})
      .value();
  EXPECT_EQ(at.reader().compared({epoch, 10}).value(), (std::vector<std::string>{"wire", "", "told"}));
  EXPECT_EQ(at.reader().compared({epoch, 1}).value(), std::vector<std::string>{"wire"});
}

TEST(conversation_reader, a_client_of_the_servers_own_provider_is_not_compared) {
  temporary_ledger at;
  auto gemini_cli = agent_row("session", "r1", epoch + 1);
  gemini_cli.attributed_by = "body:request.session_id";
  at.open().insert(std::span(&gemini_cli, 1)).value();
  EXPECT_EQ(at.reader().compared({epoch, 10}).value(), std::vector<std::string>{});
}

TEST(conversation_reader, transcripts_are_read_the_latest_first_with_their_process) {
  temporary_ledger at;
  std::vector<usage_record> rows;
  for (std::int64_t i = 1; i <= 3; ++i) {
    auto& row = rows.emplace_back(agent_row("transcript-" + std::to_string(i), "", epoch + i));
    row.attributed_by = "transcript";
    row.transcript = -i;
    row.pid = 10 + i;
    row.uid = 20 + i;
    row.executable = "/usr/bin/agent";
  }
  auto moved = rows.back();
  moved.attributed_by = "response_id";
  rows.push_back(moved);
  rows.push_back(agent_row("c", ""));
  at.open().insert(rows).value();
  const auto found = at.reader().transcripts(2).value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].conversation, "transcript-3");
  EXPECT_EQ(found[0].whole, -3);
  EXPECT_EQ(found[0].pid, 13);
  EXPECT_EQ(found[0].uid, 23);
  EXPECT_EQ(found[0].executable, "/usr/bin/agent");
  EXPECT_EQ(found[1].conversation, "transcript-2");
}

TEST(conversation_reader, rows_that_may_still_be_placed_are_remembered_over_a_restart) {
  temporary_ledger at;
  ledger store = at.open();
  auto waiting = agent_row("", "r1");
  auto placed = agent_row("c", "r2");
  auto old = agent_row("", "r3", epoch - 1);
  auto other = agent_row("", "r4");
  other.kind = call_kind::other;
  auto by_transcript = agent_row("transcript-1", "r6", epoch + 1);
  by_transcript.attributed_by = "transcript";
  std::vector rows{waiting, by_transcript, placed, old, other, agent_row("", "r5")};
  for (std::size_t i = 0; i < 5; ++i) rows[i].row_key = static_cast<std::int64_t>(i) + 1;
  store.insert(rows).value();
  const auto found = at.reader().unattributed(epoch, 10).value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].row_key, 2) << "a better reason may still come";
  EXPECT_EQ(found[1].row_key, 1);
}

}  // namespace
}  // namespace usage::testing
