#include "usage/attribution/attribution_core.hpp"

#include <gtest/gtest.h>

#include "test/usage/attribution/scene.hpp"

namespace usage::testing {
namespace {

// ---- the rules, each alone

TEST(attribution_core, a_request_id_is_enough) {
  scene s;
  s.row(agent_call(1, "c", "t", 2));
  EXPECT_EQ(s.conversation(1), "c");
  EXPECT_EQ(s.rule(1), "request_id");
  EXPECT_EQ(s[1].claimed, "");
}

TEST(attribution_core, a_row_without_evidence_is_unattributed) {
  scene s;
  s.cascade("c").row({.row = 1, .response_id = "r", .trace_id = "7"});
  EXPECT_EQ(s.conversation(1), "");
  EXPECT_EQ(s.rule(1), "");
  EXPECT_EQ(s.changes(1), 1);
}

TEST(attribution_core, a_trajectory_places_rows_that_came_before_and_after_it_was_told) {
  scene s;
  s.row({.row = 1, .trajectory_id = "t"});
  EXPECT_EQ(s.conversation(1), "");
  s.at(2000).trajectory("t", "c").row({.row = 2, .trajectory_id = "t"});
  EXPECT_EQ(s.conversation(1), "c");
  EXPECT_EQ(s.rule(1), "trajectory_id");
  EXPECT_EQ(s[1].at, 2000);
  EXPECT_EQ(s.conversation(2), "c");
  EXPECT_EQ(s.counts().late, 1u);
}

TEST(attribution_core, an_answer_that_the_server_lists_places_its_row) {
  scene s;
  s.row({.row = 1, .response_id = "r1"}).response("r1", "c").response("r2", "c").row({.row = 2, .response_id = "r2"});
  EXPECT_EQ(s.conversation(1), "c");
  EXPECT_EQ(s.conversation(2), "c");
  EXPECT_EQ(s.rule(2), "response_id");
}

TEST(attribution_core, a_trace_joins_a_failed_call_however_it_is_written) {
  scene s;
  s.row({.row = 1, .trace_id = "737b1db2"}).trace("0x737B1DB2", "c");
  s.row({.row = 2, .trace_id = "00AB"}).trace("0xab", "c");
  EXPECT_EQ(s.conversation(1), "c");
  EXPECT_EQ(s.rule(1), "trace_id");
  EXPECT_EQ(s.conversation(2), "c");
}

TEST(attribution_core, a_trace_of_zeros_is_none) {
  scene s;
  s.row({.row = 1, .trace_id = "0"}).trace("0x0", "c");
  EXPECT_EQ(s.conversation(1), "");
}

TEST(attribution_core, ids_of_other_agents_are_taken_as_they_are) {
  scene s;
  s.row({.row = 1, .conversation = "thread", .rule = "header:thread-id", .response_id = "r"});
  EXPECT_EQ(s.conversation(1), "thread");
  EXPECT_EQ(s.rule(1), "header:thread-id");
}

TEST(attribution_core, a_background_call_is_placed_by_its_answer) {
  scene s;
  s.row({.row = 1, .response_id = "title"}).response("title", "c");
  EXPECT_EQ(s.conversation(1), "c");
}

// ---- strength

TEST(attribution_core, the_stronger_rule_names_the_row_whatever_comes_first) {
  scene s;
  s.response("r", "c").trajectory("t", "c");
  s.row({.row = 1, .conversation = "c", .rule = "request_id", .trajectory_id = "t", .response_id = "r"});
  EXPECT_EQ(s.rule(1), "request_id");
  s.row({.row = 2, .trajectory_id = "t2", .response_id = "r"});
  EXPECT_EQ(s.rule(2), "response_id");
  s.trajectory("t2", "c");
  EXPECT_EQ(s.rule(2), "trajectory_id");
  EXPECT_EQ(s.changes(2), 2);
}

TEST(attribution_core, weaker_evidence_that_agrees_changes_nothing) {
  scene s;
  s.row({.row = 1, .conversation = "c", .rule = "request_id", .trajectory_id = "t", .response_id = "r"});
  s.response("r", "c").trajectory("t", "c").response("r", "c").cascade("c");
  EXPECT_EQ(s.changes(1), 1);
  EXPECT_EQ(s.flags(1), 0);
}

TEST(attribution_core, a_row_that_is_told_twice_counts_once) {
  scene s;
  s.row(agent_call(1, "c", "t", 2)).row(agent_call(1, "other", "t", 2));
  EXPECT_EQ(s.conversation(1), "c");
  EXPECT_EQ(s.counts().rows, 1u);
}

// ---- lies and quarrels

TEST(attribution_core, a_cascade_that_never_existed_yields_to_one_that_does_and_is_kept_as_evidence) {
  scene s;
  s.row({.row = 1, .conversation = "lie", .rule = "request_id", .response_id = "r"});
  EXPECT_EQ(s.conversation(1), "lie");
  s.response("r", "c");
  EXPECT_EQ(s.conversation(1), "c");
  EXPECT_EQ(s.rule(1), "response_id");
  EXPECT_EQ(s[1].claimed, "lie");
  EXPECT_EQ(s.flags(1), disputed | unknown_conversation);
}

TEST(attribution_core, of_two_cascades_that_exist_the_stronger_evidence_names_one_and_the_quarrel_is_flagged) {
  scene s;
  s.cascade("a").row({.row = 1, .conversation = "a", .rule = "request_id", .response_id = "r"}).response("r", "b");
  EXPECT_EQ(s.conversation(1), "a");
  EXPECT_EQ(s.flags(1), disputed);
  EXPECT_EQ(s.counts().disputed, 1u);
}

TEST(attribution_core, a_cascade_that_turns_out_to_exist_gets_its_row_back) {
  scene s;
  s.row({.row = 1, .conversation = "a", .rule = "request_id", .response_id = "r"}).response("r", "b");
  EXPECT_EQ(s.conversation(1), "b");
  s.cascade("a");
  EXPECT_EQ(s.conversation(1), "a");
  EXPECT_EQ(s.flags(1), disputed);
}

TEST(attribution_core, an_id_that_two_cascades_claim_is_no_evidence) {
  scene s;
  s.response("r", "a").row({.row = 1, .response_id = "r"}).response("r", "b");
  EXPECT_EQ(s.conversation(1), "");
  EXPECT_EQ(s.flags(1), ambiguous);
  for (const char* each : {"c", "d", "e", "f"}) s.response("r", each);
  EXPECT_EQ(s.conversation(1), "");
}

// ---- sub-agents

TEST(attribution_core, a_sub_agent_is_a_conversation_of_its_own_and_no_quarrel_with_its_parent) {
  scene s;
  s.cascade("child").row({.row = 1, .conversation = "child", .rule = "request_id", .response_id = "r"});
  s.response("r", "parent");
  EXPECT_EQ(s.flags(1), disputed);
  s.parent("child", "parent");
  EXPECT_EQ(s.conversation(1), "child");
  EXPECT_EQ(s.flags(1), 0);
  EXPECT_EQ(s.counts().disputed, 0u);
}

TEST(attribution_core, an_answer_that_parent_and_child_list_is_the_childs) {
  scene s;
  s.response("r", "parent").response("r", "child").row({.row = 1, .response_id = "r"});
  EXPECT_EQ(s.flags(1), ambiguous);
  s.parent("child", "parent");
  EXPECT_EQ(s.conversation(1), "child");
  EXPECT_EQ(s.flags(1), 0);
}

TEST(attribution_core, a_circle_of_parents_ends) {
  scene s;
  s.parent("a", "b").parent("b", "a").response("r", "a").response("r", "b").row({.row = 1, .response_id = "r"});
  EXPECT_EQ(s.conversation(1), "");
}

// ---- attempts

TEST(attribution_core, calls_for_one_step_are_attempts_of_one_request) {
  scene s;
  s.row(agent_call(1, "c", "t", 4)).row(agent_call(2, "c", "t", 4)).row(agent_call(3, "c", "t", 6));
  EXPECT_EQ(s[1].logical_request, "t/4");
  EXPECT_EQ(s[2].logical_request, "t/4");
  EXPECT_EQ(s[1].attempt, 0);
  EXPECT_EQ(s[2].attempt, 1);
  EXPECT_EQ(s[3].logical_request, "t/6");
  EXPECT_EQ(s[3].attempt, 0);
}

TEST(attribution_core, attempts_are_counted_in_the_order_of_their_begin) {
  scene s;
  s.row(agent_call(2, "c", "t", 4)).row(agent_call(1, "c", "t", 4));
  EXPECT_EQ(s[1].attempt, 0);
  EXPECT_EQ(s[2].attempt, 1);
}

TEST(attribution_core, an_answer_ends_the_request_and_the_step_may_be_asked_again) {
  scene s;
  auto answered = agent_call(1, "c", "t", 4);
  answered.complete = true;
  s.row(answered).row(agent_call(2, "c", "t", 4));
  EXPECT_EQ(s[2].logical_request, "t/4#2");
  EXPECT_EQ(s[2].attempt, 0);
}

TEST(attribution_core, without_a_step_the_clients_own_count_stays) {
  scene s;
  s.row({.row = 1, .conversation = "x", .rule = "header:session-id", .attempt = 2});
  EXPECT_EQ(s[1].attempt, 2);
  EXPECT_EQ(s[1].logical_request, "");
}

// ---- chains of answers

row_seen answer(std::int64_t row, std::string_view response, std::string_view previous) {
  return {.row = row,
          .conversation = previous,
          .rule = previous.empty() ? "" : "body:previous_response_id",
          .response_id = response};
}

TEST(attribution_core, a_chain_of_answers_is_one_conversation_named_by_its_first) {
  scene s;
  s.row(answer(1, "r1", ""));
  EXPECT_EQ(s.conversation(1), "");
  s.row(answer(2, "r2", "r1")).row(answer(3, "r3", "r2"));
  for (const int row : {1, 2, 3}) EXPECT_EQ(s.conversation(row), "r1");
  EXPECT_EQ(s.rule(1), "body:previous_response_id");
}

TEST(attribution_core, a_chain_is_put_together_in_any_order) {
  scene s;
  s.row(answer(3, "r3", "r2")).row(answer(1, "r1", "")).row(answer(4, "r4", "r3")).row(answer(2, "r2", "r1"));
  for (const int row : {1, 2, 3, 4}) EXPECT_EQ(s.conversation(row), "r1") << row;
}

TEST(attribution_core, a_chain_takes_the_conversation_that_one_of_its_answers_names) {
  scene s;
  s.row({.row = 1, .conversation = "key", .rule = "body:prompt_cache_key", .response_id = "r1"});
  s.row(answer(2, "r2", "r1"));
  EXPECT_EQ(s.conversation(2), "key");
  EXPECT_EQ(s.rule(2), "body:previous_response_id");
}

TEST(attribution_core, a_chain_that_bites_its_tail_ends) {
  scene s;
  s.row(answer(1, "a", "b")).row(answer(2, "b", "c")).row(answer(3, "c", "a")).row(answer(4, "d", "d"));
  EXPECT_EQ(s.conversation(4), "");
  EXPECT_NE(s.conversation(1), "");
}

// ---- bounds

TEST(attribution_core, rows_beyond_the_limit_are_forgotten_oldest_first_and_counted) {
  scene s({.rows = 2});
  s.row({.row = 1, .response_id = "r1"}).row({.row = 2, .response_id = "r2"}).row({.row = 3, .response_id = "r3"});
  s.response("r1", "c").response("r3", "c");
  EXPECT_EQ(s.conversation(1), "");
  EXPECT_EQ(s.conversation(3), "c");
  EXPECT_EQ(s.counts().forgotten_rows, 1u);
  EXPECT_EQ(s.counts().waiting, 2u);
}

TEST(attribution_core, a_row_that_has_its_conversation_is_not_missed_when_it_is_forgotten) {
  scene s({.rows = 1});
  s.row(agent_call(1, "c", "t", 1)).row(agent_call(2, "c", "t", 2));
  EXPECT_EQ(s.counts().forgotten_rows, 0u);
}

TEST(attribution_core, ids_beyond_the_limit_are_forgotten_longest_untold_first_and_counted) {
  scene s({.ids = 4});  // the cascade's own name is one
  s.response("r1", "c").response("r2", "c").response("r3", "c").response("r1", "c").response("r4", "c");
  s.row({.row = 1, .response_id = "r1"}).row({.row = 2, .response_id = "r2"});
  EXPECT_EQ(s.conversation(1), "c");
  EXPECT_EQ(s.conversation(2), "");
  EXPECT_EQ(s.counts().forgotten_ids, 1u);
}

TEST(attribution_core, what_was_decided_stays_when_its_evidence_is_forgotten) {
  scene s({.ids = 2});
  s.response("r1", "c").row({.row = 1, .response_id = "r1", .trace_id = "7"});
  s.response("r2", "d").response("r3", "d").trace("7", "e");
  EXPECT_EQ(s.conversation(1), "c");
}

TEST(attribution_core, after_its_time_evidence_finds_nothing) {
  scene s({.remember = std::chrono::milliseconds(100)});
  s.at(0).row({.row = 1, .response_id = "r1"}).response("r2", "c");
  s.at(101).row({.row = 2}).response("r1", "c").row({.row = 3, .response_id = "r2"});
  EXPECT_EQ(s.conversation(1), "");
  EXPECT_EQ(s.conversation(3), "");
  EXPECT_EQ(s.counts().forgotten_rows, 1u);
  EXPECT_GE(s.counts().forgotten_ids, 1u);
}

TEST(attribution_core, an_overlong_id_is_no_evidence) {
  scene s;
  const std::string id(attribution_core::max_id + 1, 'x');
  s.row({.row = 1, .response_id = id}).response(id, "c");
  EXPECT_EQ(s.conversation(1), "");
  EXPECT_EQ(s.counts().overlong_ids, 2u);
}

TEST(attribution_core, attempts_go_on_counting_after_the_first_was_forgotten) {
  scene s({.rows = 2});
  for (int row = 1; row <= 4; ++row) s.row(agent_call(row, "c", "t", 4));
  for (int row = 1; row <= 4; ++row) EXPECT_EQ(s[row].attempt, row - 1);
}

TEST(attribution_core, a_step_with_more_calls_than_are_kept_goes_on_counting) {
  scene s;
  const int calls = static_cast<int>(attempts::max_calls) + 10;
  for (int row = 1; row <= calls; ++row) s.row(agent_call(row, "c", "t", 4));
  EXPECT_EQ(s[calls].attempt, calls - 1);
}

// ---- rows that name nothing

TEST(attribution_core, a_transcript_is_a_conversation_where_nothing_else_is_known) {
  scene s;
  s.row({.row = 1, .conversation = "transcript-1", .rule = by_transcript, .response_id = "r"});
  s.row({.row = 2, .conversation = "process-1", .rule = by_process});
  EXPECT_EQ(s.conversation(1), "transcript-1");
  EXPECT_EQ(s.rule(1), "transcript");
  EXPECT_EQ(s.conversation(2), "process-1");
  EXPECT_EQ(s.rule(2), "process");
}

TEST(attribution_core, any_evidence_is_stronger_than_a_transcript_and_disputes_nothing) {
  scene s;
  s.row({.row = 1, .conversation = "transcript-1", .rule = by_transcript, .response_id = "r"}).response("r", "c");
  EXPECT_EQ(s.conversation(1), "c");
  EXPECT_EQ(s.rule(1), "response_id");
  EXPECT_EQ(s[1].claimed, "");
  EXPECT_EQ(s.flags(1), 0);
  EXPECT_EQ(s.counts().disputed, 0u);
}

TEST(attribution_core, an_answer_that_is_continued_leaves_the_transcript_for_its_chain) {
  scene s;
  s.row({.row = 1, .conversation = "transcript-1", .rule = by_transcript, .response_id = "r1"});
  s.row({.row = 2, .conversation = "r1", .rule = "body:previous_response_id", .response_id = "r2"});
  EXPECT_EQ(s.conversation(1), "r1");
  EXPECT_EQ(s.conversation(2), "r1");
}

}  // namespace
}  // namespace usage::testing
