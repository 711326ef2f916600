#include "usage/ledger/server_records.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace usage::testing {
namespace {

server_call told(std::string response, std::string conversation, std::int64_t output, std::int64_t at = 1) {
  server_call call;
  call.response_id = std::move(response);
  call.conversation = std::move(conversation);
  call.tokens.output_total = output;
  call.reported_at = at;
  return call;
}

sqlite_connection reading(const temporary_ledger& at) {
  return {at.options.file, SQLITE_OPEN_READONLY, 100};
}

TEST(server_records, a_call_is_kept_once_with_its_largest_counts) {
  temporary_ledger at;
  ledger store = at.open();
  auto early = told("r", "c", 3);
  early.request_id = "request";
  store.write(std::vector<ledger_entry>{told("r", "c", 7), early, told("", "c", 9)}).value();
  auto connection = reading(at);
  const auto calls = read_server_calls(connection, "c", 10);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].tokens.output_total, 7);
  EXPECT_EQ(calls[0].tokens.thinking, std::nullopt);
  EXPECT_EQ(calls[0].request_id, "request");
}

TEST(server_records, an_attempt_without_an_answer_is_told_apart_by_its_trace) {
  temporary_ledger at;
  ledger store = at.open();
  server_call refused;
  refused.conversation = "c";
  refused.trace_id = "7b";
  refused.failed_attempt = true;
  store.write(std::vector<ledger_entry>{refused, refused, told("r", "c", 1)}).value();
  auto connection = reading(at);
  EXPECT_EQ(read_server_calls(connection, "c", 10).size(), 2u);
}

TEST(server_records, an_answer_that_a_cascade_and_its_sub_agent_list_is_the_sub_agents) {
  temporary_ledger at;
  ledger store = at.open();
  const conversation_parent link{"z-child", "parent", 1};
  store.write(std::vector<ledger_entry>{link, told("r", "parent", 1), told("r", "z-child", 1)}).value();
  store.write(std::vector<ledger_entry>{told("s", "z-child", 1), told("s", "parent", 1)}).value();
  auto connection = reading(at);
  EXPECT_EQ(read_server_calls(connection, "z-child", 10).size(), 2u);
  EXPECT_EQ(read_server_calls(connection, "parent", 10).size(), 0u);
  EXPECT_EQ(read_children(connection, "parent", 10), std::vector<std::string>{"z-child"});
  EXPECT_EQ(read_parent(connection, "z-child"), "parent");
}

TEST(server_records, a_turn_is_whole_whichever_of_its_ends_is_told_first) {
  const conversation_turn begin{"c", "request", 4, 100, {}, {}, ""};
  const conversation_turn end{"c", "request", 0, 150, 900, 30, "stop"};
  for (const bool reversed : {false, true}) {
    temporary_ledger at;
    ledger store = at.open();
    std::vector<ledger_entry> entries{begin, end};
    if (reversed) std::ranges::reverse(entries);
    store.write(entries).value();
    auto connection = reading(at);
    const auto turns = read_turns(connection, "c", 10);
    ASSERT_EQ(turns.size(), 1u);
    EXPECT_EQ(turns[0].first_step, 4);
    EXPECT_EQ(turns[0].began_at, 100);
    EXPECT_EQ(turns[0].ended_at, 900);
    EXPECT_EQ(turns[0].first_token_ms, 30);
    EXPECT_EQ(turns[0].outcome, "stop");
  }
}

TEST(server_records, they_are_forgotten_with_the_rows_of_their_time) {
  temporary_ledger at;
  at.options.retention_days = 1;
  ledger store = at.open();
  const std::int64_t now = epoch + 100 * hour;
  store
      .write(std::vector<ledger_entry>{told("old", "c", 1, epoch), told("new", "c", 1, now),
                                       conversation_turn{"c", "request", 0, epoch, {}, {}, ""},
                                       conversation_parent{"a", "b", epoch}})
      .value();
  while (store.apply_retention(now).value().more) {
  }
  auto connection = reading(at);
  const auto calls = read_server_calls(connection, "c", 10);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].response_id, "new");
  EXPECT_TRUE(read_turns(connection, "c", 10).empty());
  EXPECT_EQ(read_parent(connection, "a"), "");
}

TEST(server_records, a_file_that_they_fill_is_emptied_of_the_oldest) {
  temporary_ledger at;
  at.options.max_bytes = 512 * 1024;
  ledger store = at.open();
  std::vector<ledger_entry> entries;
  for (int i = 0; i < 6000; ++i)
    entries.emplace_back(told("response-number-" + std::to_string(i), "c", 1, epoch + i * hour / 100));
  store.write(entries).value();
  ASSERT_TRUE(store.oversized().value());
  int steps = 0;
  while (store.apply_retention(epoch).value().more) ASSERT_LT(++steps, 1000);
  EXPECT_FALSE(store.oversized().value());
  auto connection = reading(at);
  EXPECT_GT(connection.number("SELECT count(*) FROM server_usage"), 100);
  EXPECT_GT(connection.number("SELECT min(reported_at) FROM server_usage"), epoch);
}

}  // namespace
}  // namespace usage::testing
