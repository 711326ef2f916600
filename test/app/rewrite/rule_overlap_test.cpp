#include "app/rewrite/rule_overlap.hpp"

#include <gtest/gtest.h>

#include "test/app/rewrite/rule_fixture.hpp"

namespace app::rewrite {
namespace {

using usage::call_kind;

TEST(rule_overlap, hosts_meet_by_name_or_below_a_wildcard) {
  EXPECT_TRUE(hosts_meet(host("api.openai.com"), host("API.openai.com")));
  EXPECT_TRUE(hosts_meet(host("*.googleapis.com"), host("a.b.googleapis.com")));
  EXPECT_TRUE(hosts_meet(host("*.a.googleapis.com"), host("*.googleapis.com")));
  EXPECT_FALSE(hosts_meet(host("*.googleapis.com"), host("googleapis.com")));
  EXPECT_FALSE(hosts_meet(host("api.openai.com"), host("api.anthropic.com")));
}

TEST(rule_overlap, rules_meet_unless_one_condition_keeps_them_apart) {
  EXPECT_TRUE(meet({}, {.models = {"a"}}));
  EXPECT_TRUE(meet({.paths = {"/v1/*"}}, {.models = {"a"}}));
  EXPECT_TRUE(meet({.headers = {{"x", {"a"}}}}, {.headers = {{"x", {"b"}}}}));
  EXPECT_FALSE(meet({.hosts = {host("a.b")}}, {.hosts = {host("a.c")}}));
  EXPECT_FALSE(meet({.paths = {"/v1/*"}}, {.paths = {"/v2/*"}}));
  EXPECT_FALSE(meet({.methods = {"GET"}}, {.methods = {"POST"}}));
  EXPECT_FALSE(meet({.models = {"a*"}}, {.models = {"b*", "c"}}));
  EXPECT_FALSE(meet({.kinds = {call_kind::model}}, {.kinds = {call_kind::other}}));
  EXPECT_FALSE(meet({.request_kinds = {"a"}}, {.request_kinds = {"b"}}));
  EXPECT_FALSE(meet({.uids = {1}}, {.uids = {2}}));
}

TEST(rule_overlap, a_rule_covers_what_is_narrower_in_every_condition) {
  EXPECT_TRUE(covers({}, {.models = {"a"}}));
  EXPECT_TRUE(covers({.models = {"a*"}}, {.models = {"ab*", "a"}}));
  EXPECT_TRUE(covers({.hosts = {host("*.b.c")}}, {.hosts = {host("*.a.b.c"), host("x.b.c")}}));
  EXPECT_TRUE(covers({.headers = {{"x", {"a*"}}}}, {.headers = {{"x", {"ab"}}}, .uids = {1}}));
  EXPECT_FALSE(covers({.models = {"a"}}, {}));
  EXPECT_FALSE(covers({.models = {"ab*"}}, {.models = {"a*"}}));
  EXPECT_FALSE(covers({.models = {"a*"}}, {.models = {"ab", "b"}}));
  EXPECT_FALSE(covers({.hosts = {host("*.a.b.c")}}, {.hosts = {host("*.b.c")}}));
  EXPECT_FALSE(covers({.paths = {"/a"}}, {.paths = {"/b"}}));
  EXPECT_FALSE(covers({.methods = {"GET"}}, {.methods = {"GET", "POST"}}));
  EXPECT_FALSE(covers({.kinds = {call_kind::model}}, {}));
  EXPECT_FALSE(covers({.request_kinds = {"a"}}, {}));
  EXPECT_FALSE(covers({.uids = {1}}, {.uids = {2}}));
  EXPECT_FALSE(covers({.headers = {{"x", {"a"}}}}, {}));
  EXPECT_FALSE(covers({.headers = {{"x", {"a"}}}}, {.headers = {{"x", {"b"}}}}));
}

}  // namespace
}  // namespace app::rewrite
