#include "app/rewrite/rule_text.hpp"

#include <gtest/gtest.h>

#include "test/app/rewrite/rule_fixture.hpp"

namespace app::rewrite {
namespace {

TEST(rule_text, actions_are_told_without_values_and_texts) {
  EXPECT_EQ(describe(set_json{{"a", "b"}, "\"secret\""}), "set /a/b");
  EXPECT_EQ(describe(remove_json{{"a"}}), "remove /a");
  EXPECT_EQ(describe(append_json{{"a"}, "1"}), "append /a");
  EXPECT_EQ(describe(system_text{system_text::place::prepend, "secret"}), "system prepend");
  EXPECT_EQ(describe(map_model{"m"}), "model m");
  EXPECT_EQ(describe(cap_output{7}), "max_output_tokens 7");
  EXPECT_EQ(describe(set_header{"h", "secret"}), "set_header h");
  EXPECT_EQ(describe(remove_header{"h"}), "remove_header h");
  EXPECT_EQ(describe(block{"secret", 403}), "block");
  EXPECT_EQ(describe(mock{"/f.json", "", nullptr, 200}), "mock /f.json");
  EXPECT_EQ(describe(include_usage{}), "include_usage");
}

TEST(rule_text, conditions_are_told_with_their_choices) {
  EXPECT_EQ(describe(rule_match{}), "every request");
  EXPECT_EQ(describe(rule_match{.hosts = {host("*.b.c")},
                                .paths = {"/v1/*"},
                                .methods = {"POST"},
                                .models = {"a*", "b"},
                                .kinds = {usage::call_kind::count_tokens},
                                .request_kinds = {"agent"},
                                .headers = {{"x", {"y"}}},
                                .uids = {1, 2}}),
            "host *.b.c, method POST, path /v1/*, model a* or b, kind count_tokens, request_kind agent, uid 1 or 2, "
            "header x y");
}

}  // namespace
}  // namespace app::rewrite
