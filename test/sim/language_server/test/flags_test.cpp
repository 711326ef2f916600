#include "test/sim/language_server/flags.hpp"

#include <gtest/gtest.h>

#include "test/sim/language_server/switches.hpp"

namespace sim::ls {
namespace {

TEST(language_server_flags, all_four_ways_to_write_a_flag_mean_the_same) {
  for (const std::vector<std::string_view>& words :
       std::vector<std::vector<std::string_view>>{{"-csrf_token", "t", "-server_port", "7"},
                                                  {"--csrf_token", "t", "--https_server_port", "7"},
                                                  {"-csrf_token=t", "-https_server_port=7"},
                                                  {"--csrf_token=t", "--server_port=7"}}) {
    const auto chosen = parse_flags(words);
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->csrf_token, "t");
    EXPECT_EQ(chosen->https_server_port, 7);
  }
}

TEST(language_server_flags, an_unknown_flag_is_passed_over_with_its_value) {
  const auto chosen = parse_flags({"--enable_lsp", "--extension_server_port", "0", "--parent_pipe_path", "/p",
                                   "--persistent_mode", "-workspace_id=w"});
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->parent_pipe_path, "/p");
  EXPECT_EQ(chosen->workspace_id, "w");
}

TEST(language_server_flags, a_bool_takes_no_word_as_its_value) {
  const auto chosen = parse_flags({"--standalone", "--random_port=false", "-csrf_token", "t"});
  ASSERT_TRUE(chosen);
  EXPECT_TRUE(chosen->standalone);
  EXPECT_FALSE(chosen->random_port);
  EXPECT_EQ(chosen->csrf_token, "t");
}

TEST(language_server_flags, a_wrong_port_and_a_missing_value_are_refused_in_words) {
  EXPECT_EQ(parse_flags({"--lsp_port", "x"}).error(), "invalid value \"x\" for flag -lsp_port");
  EXPECT_EQ(parse_flags({"--server_port=70000"}).error(), "invalid value \"70000\" for flag -server_port");
  EXPECT_EQ(parse_flags({"--csrf_token"}).error(), "flag needs an argument: -csrf_token");
}

TEST(language_server_switches, a_marker_in_a_message_adds_to_the_switches_of_the_process) {
  const auto process = read_switches({}, "rewrite,tool_steps=2");
  const auto turn = read_markers(process, "say [[ls:stall=3]] and [[ls:tool_steps=1,modified=1]]");
  EXPECT_TRUE(turn.rewrite);
  EXPECT_TRUE(turn.modified);
  EXPECT_EQ(turn.stall, 3u);
  EXPECT_EQ(turn.tool_steps, 1u);
  EXPECT_EQ(turn.unknown, "");
}

TEST(language_server_switches, a_pair_that_is_not_understood_is_told) {
  EXPECT_EQ(read_switches({}, "rewrite,retires=2").unknown, "retires=2");
  EXPECT_EQ(read_switches({}, "retries=many").unknown, "retries=many");
}

}  // namespace
}  // namespace sim::ls
