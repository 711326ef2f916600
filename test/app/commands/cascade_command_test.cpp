#include "app/commands/cascade_command.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "app/turns/cascade_event.hpp"

namespace app {
namespace {

struct shown {
  std::string out;
  std::string err;
  bool well = false;
};

shown show(const std::vector<cascade::event>& events) {
  std::ostringstream out;
  std::ostringstream err;
  cascade_terminal terminal({out, err});
  for (const auto& each : events) terminal.show(cascade_event_json(each));
  return {out.str(), err.str(), terminal.ended_well()};
}

TEST(cascade_terminal, the_reply_is_all_that_goes_to_the_output) {
  const auto turn =
      show({cascade::reasoning_delta{1, "hm"}, cascade::text_delta{1, "Hel"}, cascade::text_delta{1, "lo"},
            cascade::token_usage{.response_id = "r", .input = 5, .cache_read = 2, .output = 3}, cascade::finished{}});
  EXPECT_EQ(turn.out, "Hello\n");
  EXPECT_TRUE(turn.err.find("hm") != std::string::npos);
  EXPECT_TRUE(turn.err.find("[7 tokens in, 3 out]") != std::string::npos) << turn.err;
  EXPECT_TRUE(turn.well);
}

TEST(cascade_terminal, a_rewritten_text_begins_anew) {
  EXPECT_EQ(show({cascade::text_delta{1, "Helo"}, cascade::text_rewritten{1, "Hello"}, cascade::finished{}}).out,
            "Helo\nHello\n");
}

TEST(cascade_terminal, a_turn_that_failed_says_why_and_did_not_end_well) {
  const auto turn = show({cascade::failed{.short_error = "RESOURCE_EXHAUSTED (code 429)"}});
  EXPECT_TRUE(turn.err.find("RESOURCE_EXHAUSTED") != std::string::npos);
  EXPECT_FALSE(turn.well);
}

TEST(cascade_terminal, tools_and_questions_are_told_beside_the_reply) {
  const auto turn = show({cascade::tool_step{.step = 2, .name = "view_file", .status = cascade::step_status::done},
                          cascade::waiting{.step = 3, .name = "run_command", .arguments = R"({"c":"ls"})"}});
  EXPECT_EQ(turn.out, "");
  EXPECT_TRUE(turn.err.find("[view_file: done]") != std::string::npos);
  EXPECT_TRUE(turn.err.find("run_command asks for permission") != std::string::npos);
}

TEST(cascade_terminal, what_it_does_not_know_is_passed_over) {
  std::ostringstream out;
  std::ostringstream err;
  cascade_terminal terminal({out, err});
  for (const char* line : {"", "{", "[]", R"({"type":"of a newer service"})", R"({"type":"text"})"})
    terminal.show(line);
  EXPECT_EQ(out.str() + err.str(), "");
}

TEST(cascade_event, every_event_is_one_line_and_names_its_type) {
  const std::vector<cascade::event> all{
      cascade::text_delta{1, "a\nb"}, cascade::text_rewritten{}, cascade::reasoning_delta{},
      cascade::reasoning_rewritten{}, cascade::tool_step{},      cascade::waiting{},
      cascade::token_usage{},         cascade::finished{},       cascade::failed{}};
  for (const auto& each : all) {
    const auto line = cascade_event_json(each);
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    EXPECT_TRUE(line.starts_with(R"({"type":")")) << line;
  }
}

TEST(cascade_event, the_kind_of_a_question_can_be_said_back) {
  for (int i = 0; i <= static_cast<int>(cascade::interaction_kind::browser); ++i) {
    const auto kind = static_cast<cascade::interaction_kind>(i);
    EXPECT_EQ(interaction_of(to_string(kind)), kind);
  }
  EXPECT_FALSE(interaction_of("something else"));
}

}  // namespace
}  // namespace app
