#include "usage/attribution/reconcile.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace usage::testing {
namespace {

token_usage tokens(std::int64_t uncached, std::int64_t cached, std::int64_t output, std::int64_t thinking) {
  return {.input_uncached = uncached,
          .cache_read = cached,
          .cache_write = {},
          .output_total = output,
          .thinking = thinking};
}

usage_record row(std::string response, token_usage used) {
  usage_record made;
  made.id = 7;
  made.conversation = "c";
  made.request_kind = "agent";
  made.response_id = std::move(response);
  made.status = record_status::complete;
  made.tokens = used;
  return made;
}

server_call call(std::string response, token_usage used) {
  server_call made;
  made.conversation = "c";
  made.response_id = std::move(response);
  made.tokens = used;
  return made;
}

reconciliation compare(std::vector<usage_record> rows, std::vector<server_call> calls,
                       std::vector<conversation_turn> turns = {}) {
  return reconcile("c", {rows, calls, turns});
}

difference_cause only_cause(const reconciliation& made) {
  EXPECT_EQ(made.differences.size(), 1u);
  return made.differences.at(0).cause;
}

TEST(reconcile, the_same_calls_with_the_same_tokens_leave_nothing) {
  const auto made = compare({row("a", tokens(10, 5, 7, 2)), row("b", tokens(1, 0, 1, 0))},
                            {call("b", tokens(1, 0, 1, 0)), call("a", tokens(10, 5, 7, 2))});
  EXPECT_EQ(made.matched, 2u);
  EXPECT_TRUE(made.differences.empty());
  EXPECT_EQ(made.wire, made.server);
  EXPECT_EQ(made.wire.input(), 16);
  EXPECT_TRUE(made.reconciled() && made.intercepted && made.listed());
}

TEST(reconcile, what_is_not_reported_equals_zero) {
  auto bare = row("a", {});
  bare.tokens.output_total = 3;
  EXPECT_EQ(compare({bare}, {call("a", tokens(0, 0, 3, 2))}).matched, 1u);
}

TEST(reconcile, different_numbers_for_one_answer_are_not_explained) {
  const auto made = compare({row("a", tokens(10, 0, 7, 0))}, {call("a", tokens(10, 0, 8, 0))});
  EXPECT_EQ(only_cause(made), difference_cause::unexplained);
  EXPECT_EQ(made.unexplained(), 1u);
  EXPECT_EQ(made.differences[0].row, 7);
  EXPECT_EQ(made.differences[0].wire->output_total, 7);
  EXPECT_EQ(made.differences[0].server->output_total, 8);
}

TEST(reconcile, of_answers_that_repeat_an_id_each_listed_call_is_one_the_oldest_first) {
  auto first = row("a", tokens(10, 0, 7, 0)), second = row("a", tokens(3, 0, 1, 0)), foreign = first;
  first.id = 1;
  first.started_at = 1;
  second.id = 2;
  second.started_at = 2;
  foreign.conversation = "d";
  const auto one = compare({foreign, second, first}, {call("a", tokens(10, 0, 7, 0))});
  EXPECT_EQ(one.matched, 1u);
  EXPECT_EQ(only_cause(one), difference_cause::not_listed) << "the second is said, never merged";
  EXPECT_EQ(one.differences[0].row, 2);
  EXPECT_EQ(compare({second, first}, {call("a", tokens(10, 0, 7, 0)), call("a", tokens(3, 0, 1, 0))}).matched, 2u);
}

TEST(reconcile, a_cut_stream_is_a_lower_bound) {
  auto cut = row("a", tokens(10, 0, 2, 0));
  cut.status = record_status::interrupted;
  EXPECT_EQ(only_cause(compare({cut}, {call("a", tokens(10, 0, 8, 0))})), difference_cause::interrupted);
  EXPECT_EQ(only_cause(compare({cut}, {})), difference_cause::interrupted);
}

TEST(reconcile, the_same_sum_divided_otherwise_is_named) {
  EXPECT_EQ(only_cause(compare({row("a", tokens(10, 5, 7, 2))}, {call("a", tokens(15, 0, 7, 2))})),
            difference_cause::cached_split);
  EXPECT_EQ(only_cause(compare({row("a", tokens(10, 5, 7, 2))}, {call("a", tokens(10, 5, 7, 3))})),
            difference_cause::thinking_split);
}

TEST(reconcile, an_answer_without_usage_on_the_wire_is_named) {
  EXPECT_EQ(only_cause(compare({row("a", {})}, {call("a", tokens(1, 0, 1, 0))})), difference_cause::unreported);
}

TEST(reconcile, a_background_call_is_the_servers_own) {
  auto title = row("t", tokens(3, 0, 3, 0));
  title.request_kind = "checkpoint";
  const auto made = compare({title}, {});
  EXPECT_EQ(only_cause(made), difference_cause::background);
  EXPECT_TRUE(made.reconciled());
}

TEST(reconcile, a_refused_attempt_is_joined_by_its_trace) {
  auto refused = row("", {});
  refused.status = record_status::error;
  refused.trace_id = "7b";
  auto attempt = call("", {});
  attempt.trace_id = "7b";
  attempt.failed_attempt = true;
  EXPECT_EQ(compare({refused}, {attempt}).matched, 1u);
  attempt.tokens.input_uncached = 9;
  EXPECT_EQ(only_cause(compare({refused}, {attempt})), difference_cause::retried);
  EXPECT_EQ(only_cause(compare({refused}, {})), difference_cause::refused);
}

TEST(reconcile, a_row_that_the_server_does_not_list_is_a_fault_once_it_lists_others) {
  const auto made =
      compare({row("a", tokens(1, 0, 1, 0)), row("b", tokens(1, 0, 1, 0))}, {call("b", tokens(1, 0, 1, 0))});
  EXPECT_EQ(only_cause(made), difference_cause::not_listed);
  EXPECT_FALSE(made.reconciled());
}

TEST(reconcile, without_a_list_there_is_nothing_to_compare) {
  const auto made = compare({row("a", tokens(1, 0, 1, 0))}, {});
  EXPECT_EQ(only_cause(made), difference_cause::not_listed);
  EXPECT_FALSE(made.listed());
  EXPECT_TRUE(made.reconciled());
}

TEST(reconcile, the_server_drops_an_answer_that_comes_when_its_turn_was_cancelled) {
  auto late = row("a", tokens(1, 0, 1, 0));
  late.step = 2;
  conversation_turn turn;
  turn.outcome = "canceled";
  EXPECT_EQ(only_cause(compare({late}, {}, {turn})), difference_cause::unfinished_turn);
  EXPECT_TRUE(compare({late}, {}, {turn}).reconciled());
  turn.outcome = "stop";
  EXPECT_EQ(only_cause(compare({late}, {}, {turn})), difference_cause::not_listed);
}

TEST(reconcile, a_call_that_never_passed_here_is_loud) {
  const auto made = compare({}, {call("a", tokens(1, 0, 1, 0))});
  EXPECT_EQ(only_cause(made), difference_cause::not_intercepted);
  EXPECT_FALSE(made.intercepted);
  EXPECT_FALSE(made.reconciled());
  const auto half =
      compare({row("b", tokens(1, 0, 1, 0))}, {call("a", tokens(1, 0, 1, 0)), call("b", tokens(1, 0, 1, 0))});
  EXPECT_TRUE(half.intercepted);
  EXPECT_FALSE(half.reconciled());
}

TEST(reconcile, a_row_in_another_conversation_is_a_fault) {
  auto elsewhere = row("a", tokens(1, 0, 1, 0));
  elsewhere.conversation = "d";
  const auto made = compare({elsewhere}, {call("a", tokens(1, 0, 1, 0))});
  EXPECT_EQ(only_cause(made), difference_cause::other_conversation);
  EXPECT_EQ(made.differences[0].conversation, "d");
  EXPECT_EQ(made.wire_calls, 0u);
}

TEST(reconcile, every_cause_has_a_word) {
  EXPECT_EQ(to_string(difference_cause::interrupted), "interrupted");
  EXPECT_EQ(to_string(difference_cause::refused), "refused");
  EXPECT_EQ(to_string(difference_cause::unexplained), "unexplained");
}

}  // namespace
}  // namespace usage::testing
