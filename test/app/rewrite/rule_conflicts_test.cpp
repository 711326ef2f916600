#include "app/rewrite/rule_conflicts.hpp"

#include <gmock/gmock.h>

#include "test/app/rewrite/rule_fixture.hpp"

namespace app::rewrite {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> conflicts(std::vector<rule> rules) {
  for (auto& one : rules) one.origin = "c.toml:1:1";
  const std::vector<net::text::host_pattern> watched{host("api.openai.com"), host("*.googleapis.com")};
  return conflicts_of(rules, watched);
}

const action model = map_model{"m"};

TEST(rule_conflicts, rules_that_touch_different_things_have_none) {
  EXPECT_THAT(conflicts({make_rule("a", {model, set_json{{"x"}, "1"}, set_header{"h", "v"}, cap_output{1}}),
                         make_rule("b", {set_json{{"y"}, "1"}, set_header{"i", "v"}, cap_output{2}, include_usage{}})}),
              IsEmpty());
}

TEST(rule_conflicts, a_change_that_a_later_rule_undoes_is_told) {
  EXPECT_THAT(conflicts({make_rule("a", {model}), make_rule("b", {model})}),
              ElementsAre("c.toml:1:1: rule b: model m undoes model m of rule a where both match"));
  EXPECT_THAT(conflicts({make_rule("a", {model}), make_rule("b", {set_json{{"model"}, "1"}})}),
              ElementsAre("c.toml:1:1: rule b: set /model undoes model m of rule a where both match"));
  EXPECT_THAT(conflicts({make_rule("a", {set_json{{"x", "y"}, "1"}}), make_rule("b", {remove_json{{"x"}}})}),
              ElementsAre("c.toml:1:1: rule b: remove /x undoes set /x/y of rule a where both match"));
  EXPECT_THAT(conflicts({make_rule("a", {system_text{system_text::place::append, "t"}}),
                         make_rule("b", {system_text{system_text::place::replace, "t"}})}),
              ElementsAre("c.toml:1:1: rule b: system replace undoes system append of rule a where both match"));
  EXPECT_THAT(conflicts({make_rule("a", {set_header{"h", "v"}}), make_rule("b", {remove_header{"h"}})}),
              ElementsAre("c.toml:1:1: rule b: remove_header h undoes set_header h of rule a where both match"));
}

TEST(rule_conflicts, what_adds_to_the_change_of_another_is_none) {
  EXPECT_THAT(conflicts({make_rule("a", {set_json{{"x"}, "[]"}}), make_rule("b", {append_json{{"x"}, "1"}})}),
              IsEmpty());
  EXPECT_THAT(conflicts({make_rule("a", {set_json{{"x", "-"}, "1"}}), make_rule("b", {set_json{{"x", "-"}, "2"}})}),
              IsEmpty());
  EXPECT_THAT(conflicts({make_rule("a", {system_text{system_text::place::replace, "t"}}),
                         make_rule("b", {system_text{system_text::place::append, "t"}})}),
              IsEmpty());
}

TEST(rule_conflicts, rules_that_never_match_together_do_not_undo_each_other) {
  EXPECT_THAT(conflicts({make_rule("a", {model}, {.models = {"x*"}}), make_rule("b", {model}, {.models = {"y*"}})}),
              IsEmpty());
  auto last = make_rule("a", {model}, {.models = {"x*"}});
  last.last = true;
  EXPECT_THAT(conflicts({last, make_rule("b", {model})}), IsEmpty());
  auto quiet = make_rule("a", {model});
  quiet.dry_run = true;
  EXPECT_THAT(conflicts({quiet, make_rule("b", {model})}), IsEmpty());
}

TEST(rule_conflicts, a_rule_that_never_has_its_turn_is_told) {
  const std::string expected = "c.toml:1:1: rule b: never has its turn: rule a matches all that it matches, and ends";
  auto last = make_rule("a", {cap_output{1}}, {.models = {"x*"}});
  last.last = true;
  const auto narrow = make_rule("b", {model}, {.models = {"xy"}});
  EXPECT_THAT(conflicts({last, narrow}), ElementsAre(expected));
  EXPECT_THAT(conflicts({make_rule("a", {block{"no"}}), narrow}), ElementsAre(expected));
  EXPECT_THAT(conflicts({make_rule("a", {mock{}}), narrow}), ElementsAre(expected));
  EXPECT_THAT(conflicts({last, make_rule("b", {model})}), IsEmpty());
  auto quiet = make_rule("a", {block{"no"}});
  quiet.dry_run = true;
  EXPECT_THAT(conflicts({quiet, narrow}), IsEmpty());
}

TEST(rule_conflicts, a_host_that_is_not_watched_is_told) {
  EXPECT_THAT(conflicts({make_rule("a", {model}, {.hosts = {host("api.openai.com"), host("api.other.com")}})}),
              ElementsAre("c.toml:1:1: rule a: host api.other.com is not watched, so its requests are not seen"));
  EXPECT_THAT(conflicts({make_rule("a", {model}, {.hosts = {host("*.openai.com"), host("a.googleapis.com")}})}),
              IsEmpty());
}

}  // namespace
}  // namespace app::rewrite
