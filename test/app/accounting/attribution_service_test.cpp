#include "app/accounting/attribution_service.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace app {
namespace {

using namespace std::chrono_literals;
using usage::testing::epoch;

class attribution : public testing::Test {
 protected:
  static usage::usage_record agent_row(std::string response, std::int64_t at = epoch) {
    usage::usage_record row = usage::testing::model_call(at, "gemini", 10, 5);
    row.provider = usage::provider::google;
    row.path = "/v1internal:streamGenerateContent";
    row.response_id = std::move(response);
    return row;
  }

  static listed_call listed(std::string response, std::string conversation, std::int64_t made_at = 0) {
    listed_call made;
    made.call.response_id = std::move(response);
    made.call.conversation = std::move(conversation);
    made.call.tokens.output_total = 5;
    made.made_at = made_at;
    return made;
  }

  std::vector<usage::usage_record> rows() {
    EXPECT_TRUE(writer_.flush(60s));
    auto reader = home_.reader();
    return usage::testing::all_rows(reader);
  }

  usage::conversation_record conversation(const std::string& id) {
    EXPECT_TRUE(writer_.flush(60s));
    return home_.reader().conversation(id).value().value();
  }

  usage::testing::temporary_ledger home_;
  usage::ledger_writer writer_{home_.open(), usage::testing::at_epoch()};
  std::int64_t now_ = epoch;
  attribution_service service_{writer_, {}, [this] { return now_; }};
};

TEST_F(attribution, a_row_is_written_with_its_place_and_moved_when_its_evidence_comes) {
  auto named = agent_row("r1");
  named.conversation = "c";
  named.attributed_by = "request_id";
  service_.record(std::move(named));
  service_.record(agent_row("r2"));
  EXPECT_EQ(rows()[0].conversation, "c");
  EXPECT_EQ(rows()[0].attributed_at, epoch);
  EXPECT_EQ(rows()[1].conversation, "");
  EXPECT_EQ(rows()[1].attributed_at, std::nullopt);
  now_ = epoch + 500;
  service_.on_listed(listed("r2", "c"));
  EXPECT_EQ(rows()[1].conversation, "c");
  EXPECT_EQ(rows()[1].attributed_by, "response_id");
  EXPECT_EQ(rows()[1].attributed_at, epoch + 500);
}

TEST_F(attribution, evidence_that_was_there_first_needs_no_move) {
  service_.on_listed(listed("r", "c"));
  service_.record(agent_row("r"));
  EXPECT_EQ(rows()[0].conversation, "c");
  EXPECT_EQ(writer_.state().moved, 0u);
}

TEST_F(attribution, calls_that_are_no_model_calls_wait_for_nothing) {
  auto other = agent_row("r");
  other.kind = usage::call_kind::other;
  service_.record(std::move(other));
  EXPECT_EQ(service_.counts().rows, 0u);
  EXPECT_EQ(rows().size(), 1u);
}

TEST_F(attribution, a_turn_leaves_its_begin_its_calls_and_its_end) {
  service_.on_turn_begin({"c", "request", 2, epoch});
  exa::jetski_cortex_pb::CascadeState state;
  state.mutable_trajectory()->set_trajectory_id("t");
  state.mutable_trajectory()->mutable_metadata();
  for (int i = 0; i < 4; ++i) state.mutable_trajectory()->add_steps();
  auto& inner = *state.mutable_trajectory()->mutable_steps(3)->mutable_subtrajectory();
  inner.set_cascade_id("child");
  inner.set_trajectory_id("t2");
  cascade::token_usage told;
  told.response_id = "r";
  told.output = 5;
  service_.on_update({"c", "request"}, std::array<cascade::event, 1>{told}, state);
  service_.on_update({"c", "request"}, std::array<cascade::event, 1>{cascade::finished{}}, state);
  service_.on_turn_end({"c", "request", epoch + 900, 30, "stop"});
  auto by_trajectory = agent_row("");
  by_trajectory.trajectory_id = "t";
  service_.record(std::move(by_trajectory));
  service_.record(agent_row("r"));

  const auto all = conversation("c");
  EXPECT_EQ(all.rows.size(), 2u);
  ASSERT_EQ(all.turns.size(), 1u);
  EXPECT_EQ(all.turns[0].first_step, 2);
  EXPECT_EQ(all.turns[0].began_at, epoch);
  EXPECT_EQ(all.turns[0].ended_at, epoch + 900);
  EXPECT_EQ(all.turns[0].first_token_ms, 30);
  ASSERT_EQ(all.calls.size(), 1u);
  EXPECT_EQ(all.calls[0].request_id, "request");
  EXPECT_EQ(all.calls[0].reported_at, epoch);
  ASSERT_EQ(all.sub_agents.size(), 1u);
  EXPECT_EQ(all.sub_agents[0].name, "child");
}

TEST_F(attribution, text_alone_costs_nothing) {
  const exa::jetski_cortex_pb::CascadeState state;
  service_.on_update({"c", "request"}, std::array<cascade::event, 1>{cascade::text_delta{}}, state);
  EXPECT_TRUE(writer_.flush(60s));
  EXPECT_FALSE(home_.reader().conversation("c").value().has_value());
}

TEST_F(attribution, a_row_of_an_earlier_run_is_found_by_evidence_of_this_one) {
  service_.record(agent_row("r"));
  const auto before = rows();
  attribution_service restarted(writer_, {}, [] { return epoch + 60'000; });
  restarted.remember(before[0]);
  restarted.on_listed(listed("r", "c"));
  EXPECT_EQ(rows()[0].conversation, "c");
}

TEST_F(attribution, answers_that_the_server_made_meanwhile_and_that_never_passed_are_missed) {
  service_.on_listed(listed("old", "c", epoch - 10'000));
  now_ = epoch + 60'000;
  EXPECT_EQ(service_.not_intercepted(), 0u);
  service_.on_listed(listed("new", "c", epoch + 1000));
  now_ += 60'000;
  EXPECT_EQ(service_.not_intercepted(), 1u);
  service_.record(agent_row("new"));
  EXPECT_EQ(service_.not_intercepted(), 0u);
}

usage::usage_record chat_row(std::vector<std::uint64_t> links, std::int64_t at = epoch) {
  auto row = usage::testing::model_call(at, "m", 10, 5);
  row.pid = 10;
  row.take_transcript(std::move(links));
  return row;
}

TEST_F(attribution, rows_that_name_no_conversation_are_joined_by_their_transcript) {
  service_.record(chat_row({1}));
  service_.record(chat_row({1, 2}, epoch + 1));
  service_.record(chat_row({9}, epoch + 2));
  const auto found = rows();
  EXPECT_EQ(found[0].attributed_by, "transcript");
  EXPECT_NE(found[0].conversation, "");
  EXPECT_EQ(found[1].conversation, found[0].conversation);
  EXPECT_NE(found[2].conversation, found[0].conversation);
  EXPECT_EQ(found[0].attributed_at, epoch);
  EXPECT_EQ(conversation(found[0].conversation).totals.requests, 2);
}

TEST_F(attribution, a_transcript_goes_on_after_a_restart) {
  service_.record(chat_row({1}));
  service_.record(chat_row({1, 2}, epoch + 1));
  ASSERT_EQ(rows().size(), 2u);
  attribution_service restarted(writer_, {}, [this] { return now_ + 1000; });
  restarted.remember_earlier(home_.options, {}, {});
  restarted.record(chat_row({1, 2, 3}, epoch + 2));
  restarted.record(chat_row({7, 8}, epoch + 3));
  const auto found = rows();
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[2].conversation, found[0].conversation);
  EXPECT_NE(found[3].conversation, found[0].conversation);
}

TEST_F(attribution, after_a_restart_no_more_transcripts_are_known_than_the_limit_says) {
  service_.record(chat_row({1}));
  service_.record(chat_row({2}, epoch + 1));
  const auto before = rows();
  ASSERT_EQ(before.size(), 2u);
  usage::attribution_limits limits;
  limits.transcripts = 1;
  attribution_service restarted(writer_, limits, [this] { return now_ + 1000; });
  restarted.remember_earlier(home_.options, limits, {});
  restarted.record(chat_row({2, 3}, epoch + 2));
  restarted.record(chat_row({1, 3}, epoch + 3));
  const auto found = rows();
  EXPECT_EQ(found[2].conversation, before[1].conversation);
  EXPECT_NE(found[3].conversation, before[0].conversation);
}

TEST_F(attribution, rows_and_evidence_from_many_threads_meet) {
  constexpr int count = 400;
  std::jthread wire([&] {
    for (int i = 0; i < count; ++i) service_.record(agent_row("r" + std::to_string(i), epoch + i));
  });
  std::jthread server([&] {
    for (int i = count; i-- > 0;) service_.on_listed(listed("r" + std::to_string(i), "c" + std::to_string(i % 7)));
  });
  wire.join();
  server.join();
  for (const auto& row : rows()) {
    const int number = std::stoi(row.response_id.substr(1));
    EXPECT_EQ(row.conversation, "c" + std::to_string(number % 7));
  }
  EXPECT_EQ(rows().size(), static_cast<std::size_t>(count));
}

}  // namespace
}  // namespace app
