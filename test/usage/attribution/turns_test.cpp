#include "usage/attribution/turns.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace usage::testing {
namespace {

const std::vector<conversation_turn> turns{{"c", "first", 0, 100, 200, {}, "stop"},
                                           {"c", "second", 6, 300, {}, {}, ""}};

usage_record row(std::string response, std::optional<std::int64_t> step, std::int64_t at) {
  usage_record made;
  made.response_id = std::move(response);
  made.step = step;
  made.started_at = at;
  return made;
}

server_call call(std::string response, std::string trace, std::string request) {
  server_call made;
  made.response_id = std::move(response);
  made.trace_id = std::move(trace);
  made.request_id = std::move(request);
  return made;
}

std::optional<std::size_t> turn_of(const usage_record& of, std::vector<server_call> calls = {}) {
  return turns_of(std::vector{of}, turns, calls).front();
}

TEST(turns, what_the_server_lists_decides) {
  EXPECT_EQ(turn_of(row("r", 7, 310), {call("r", "", "first")}), 0u);
  auto refused = row("", {}, 310);
  refused.trace_id = "1f";
  EXPECT_EQ(turn_of(refused, {call("", "0x1F", "second")}), 1u);
}

TEST(turns, a_call_that_is_not_listed_belongs_to_the_turn_of_its_step) {
  EXPECT_EQ(turn_of(row("", 2, 150)), 0u);
  EXPECT_EQ(turn_of(row("", 6, 310)), 1u);
  EXPECT_EQ(turn_of(row("", 9, 310)), 1u);
}

TEST(turns, a_step_after_the_end_of_a_turn_is_of_none) {
  EXPECT_EQ(turn_of(row("", 3, 250)), std::nullopt);
}

TEST(turns, without_evidence_there_is_none) {
  EXPECT_EQ(turn_of(row("r", {}, 150)), std::nullopt);
  EXPECT_EQ(turn_of(row("", {}, 150), {call("", "", "first")}), std::nullopt);
  EXPECT_EQ(turn_of(row("r", {}, 150), {call("r", "", "somebody else")}), std::nullopt);
}

}  // namespace
}  // namespace usage::testing
