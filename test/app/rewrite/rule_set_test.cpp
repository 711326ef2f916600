#include "app/rewrite/rule_set.hpp"

#include <gmock/gmock.h>

#include "test/app/rewrite/rule_fixture.hpp"

namespace app::rewrite {
namespace {

using fate = rule_step::fate;
using interest = rule_set::interest;
using testing::ElementsAre;

head_facts head() {
  return {"api.openai.com",
          "POST",
          "/v1/chat/completions",
          {},
          {},
          usage::classify("api.openai.com", "POST", "/v1/chat/completions")};
}

rewriting followed(std::vector<rule> rules, std::string body = R"({"model":"gpt-5"})") {
  static rule_set set;  // steps view its rules
  set = rule_set(std::move(rules), false);
  request_draft draft;
  draft.host = "api.openai.com";
  draft.method = "POST";
  draft.target = "/v1/chat/completions";
  draft.body = std::move(body);
  return set.follow(head(), facts_of(head(), draft.body), draft);
}

std::vector<std::string> fates(const rewriting& made) {
  constexpr std::string_view words[] = {"no_match", "unneeded", "unfollowed", "followed", "rehearsed"};
  std::vector<std::string> all;
  for (const auto& step : made.steps)
    all.push_back(step.which->name + ' ' + std::string(words[static_cast<std::size_t>(step.what)]));
  return all;
}

TEST(rule_set, it_concerns_the_hosts_of_its_rules) {
  EXPECT_FALSE(rule_set().concerns("a.b"));
  const rule_set set({make_rule("a", {map_model{"m"}}, {.hosts = {host("*.openai.com")}})}, false);
  EXPECT_TRUE(set.concerns("api.openai.com"));
  EXPECT_FALSE(set.concerns("api.anthropic.com"));
  EXPECT_TRUE(rule_set({make_rule("a", {map_model{"m"}})}, false).concerns("a.b"));
}

TEST(rule_set, the_head_tells_whether_the_body_is_needed) {
  const auto wants = [](rule one) { return rule_set({std::move(one)}, false).wants(head()); };
  EXPECT_EQ(wants(make_rule("a", {map_model{"m"}}, {.methods = {"GET"}})), interest::none);
  EXPECT_EQ(wants(make_rule("a", {map_model{"m"}})), interest::body);
  EXPECT_EQ(wants(make_rule("a", {set_header{"a", "b"}, remove_header{"c"}})), interest::head);
  EXPECT_EQ(wants(make_rule("a", {set_header{"a", "b"}}, {.models = {"x"}})), interest::body);
  EXPECT_EQ(wants(make_rule("a", {block{"no"}})), interest::head);
  EXPECT_EQ(wants(make_rule("a", {block{"no"}}, {.request_kinds = {"tab"}})), interest::body);
}

TEST(rule_set, rules_match_what_the_client_sent_and_change_what_is_there) {
  const auto made = followed({make_rule("a", {map_model{"o3"}}, {.models = {"gpt*"}}),
                              make_rule("b", {map_model{"o4"}}, {.models = {"gpt*"}}),
                              make_rule("c", {map_model{"o5"}}, {.models = {"o*"}})});
  EXPECT_THAT(fates(made), ElementsAre("a followed", "b followed", "c no_match"));
  EXPECT_EQ(made.steps[1].said, "model o3 -> o4");
  EXPECT_EQ(made.draft.body, R"({"model":"o4"})");
}

TEST(rule_set, the_last_rule_ends_it_where_it_matches) {
  auto last = make_rule("a", {map_model{"o3"}});
  last.last = true;
  auto other = make_rule("z", {map_model{"o3"}}, {.models = {"x"}});
  other.last = true;
  EXPECT_THAT(fates(followed({other, last, make_rule("b", {map_model{"o4"}})})),
              ElementsAre("z no_match", "a followed"));
}

TEST(rule_set, an_answer_ends_it) {
  const auto made = followed({make_rule("a", {block{"no", 403}}), make_rule("b", {map_model{"o4"}})});
  EXPECT_THAT(fates(made), ElementsAre("a followed"));
  ASSERT_TRUE(made.answer);
  EXPECT_EQ(made.answer->status, 403u);
}

TEST(rule_set, a_rehearsed_rule_neither_changes_nor_ends_anything) {
  auto change = make_rule("a", {map_model{"o3"}});
  auto refusal = make_rule("b", {block{"no"}});
  change.dry_run = change.last = refusal.dry_run = true;
  const auto made = followed({change, refusal, make_rule("c", {set_json{{"x"}, "1"}})});
  EXPECT_THAT(fates(made), ElementsAre("a rehearsed", "b rehearsed", "c followed"));
  EXPECT_EQ(made.draft.body, R"({"model":"gpt-5","x":1})");
  EXPECT_FALSE(made.answer);
}

TEST(rule_set, the_names_of_the_rules_that_may_match_are_told) {
  const rule_set set({make_rule("a", {map_model{"m"}}), make_rule("b", {map_model{"m"}}, {.methods = {"GET"}}),
                      make_rule("c", {map_model{"m"}}, {.models = {"x"}})},
                     false);
  EXPECT_EQ(set.candidates(head()), "a, c");
}

}  // namespace
}  // namespace app::rewrite
