#include "app/rewrite/explanation.hpp"

#include <gmock/gmock.h>

#include "test/app/rewrite/rule_fixture.hpp"

namespace app::rewrite {
namespace {

constexpr std::size_t limit = 1 << 20;
constexpr std::string_view request =
    R"({"host":"api.openai.com","path":"/v1/chat/completions","headers":{"a":"b"},"body":{"model":"gpt-5","n":1}})";

std::string explained(std::vector<rule> rules, bool dry_run = false) {
  for (auto& one : rules) one.origin = "c.toml:1:1";
  return explain(rule_set(std::move(rules), dry_run), *read_written_request(request), limit);
}

TEST(explanation, every_rule_says_what_it_does_or_why_not) {
  auto quiet = make_rule("quiet", {set_json{{"q"}, "1"}});
  quiet.dry_run = true;
  auto last = make_rule("last", {map_model{"m"}});
  last.last = true;
  EXPECT_THAT(
      explained({make_rule("other", {map_model{"m"}}, {.hosts = {host("a.b")}}),
                 make_rule("model", {map_model{"m"}}, {.models = {"o*"}}), make_rule("same", {map_model{"gpt-5"}}),
                 make_rule("bad", {set_json{{"x", "y"}, "1"}}), quiet, last, make_rule("late", {map_model{"x"}})}),
      testing::StartsWith("rule other (c.toml:1:1): does not match: host\n"
                          "rule model (c.toml:1:1): does not match: model\n"
                          "rule same (c.toml:1:1): matches and changes nothing\n"
                          "rule bad (c.toml:1:1): cannot be followed: set /x/y: it is not there\n"
                          "rule quiet (c.toml:1:1): would, were it not for its dry_run: set /q\n"
                          "rule last (c.toml:1:1): matches: model gpt-5 -> m\n"
                          "rule late (c.toml:1:1): is not asked any more\n\n"));
}

TEST(explanation, the_difference_is_shown_line_by_line) {
  EXPECT_EQ(explained({make_rule("a", {map_model{"m"}, set_header{"x", "y"}})}),
            "rule a (c.toml:1:1): matches: model gpt-5 -> m; set_header x\n\n"
            " POST /v1/chat/completions\n a: b\n+x: y\n \n {\n-  \"model\": \"gpt-5\",\n+  \"model\": \"m\",\n   "
            "\"n\": 1\n }\n");
}

TEST(explanation, a_request_that_stays_says_so) {
  EXPECT_EQ(explained({}), "There are no rules.\n\nThe request passes as it is.\n");
}

TEST(explanation, an_answer_is_shown_in_place_of_a_difference) {
  EXPECT_EQ(explained({make_rule("no", {block{"not today", 403}})}),
            "rule no (c.toml:1:1): matches: block\n\nAnswered here, the origin does not see it:\n\n"
            "403\nx-should-retry: false\ncontent-type: application/json\nx-zerogravity-rule: no\n\n"
            "{\n  \"error\": {\n    \"message\": \"not today\",\n    \"type\": \"invalid_request_error\",\n    "
            "\"param\": null,\n"
            "    \"code\": \"blocked_by_rule\"\n  }\n}\n");
}

TEST(explanation, a_rehearsal_of_all_rules_says_that_nothing_is_done) {
  EXPECT_THAT(explained({make_rule("a", {map_model{"m"}})}, true),
              testing::AllOf(testing::HasSubstr("With rewrite.dry_run the request passes as it is."),
                             testing::HasSubstr("+  \"model\": \"m\",")));
}

}  // namespace
}  // namespace app::rewrite
