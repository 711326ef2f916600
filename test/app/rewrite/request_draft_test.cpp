#include "app/rewrite/request_draft.hpp"

#include <gmock/gmock.h>

#include "test/app/rewrite/rule_fixture.hpp"

namespace app::rewrite {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

request_draft draft_of(std::string body, std::string target = "/v1/chat/completions") {
  request_draft draft;
  draft.host = "api.openai.com";
  draft.method = "POST";
  draft.target = std::move(target);
  draft.body = std::move(body);
  return draft;
}

std::vector<std::string> changes(request_draft& draft, std::vector<action> actions) {
  const auto done = apply(make_rule("r", std::move(actions)), draft);
  if (done.has_error()) return {"not followed: " + done.error().why};
  return *done;
}

TEST(request_draft, actions_are_done_one_after_the_other) {
  auto draft = draft_of(R"({"stop":["a"],"metadata":{}})");
  EXPECT_THAT(
      changes(draft, {remove_json{{"metadata"}}, append_json{{"stop"}, "\"b\""}, set_json{{"stop", "0"}, "\"c\""}}),
      ElementsAre("remove /metadata", "append /stop", "set /stop/0"));
  EXPECT_EQ(draft.body, R"({"stop":["c","b"]})");
  EXPECT_TRUE(draft.body_changed);
}

TEST(request_draft, a_rule_is_followed_as_a_whole_or_not_at_all) {
  auto draft = draft_of("{}");
  draft.fields = {{"a", "b"}};
  EXPECT_THAT(changes(draft, {set_header{"x", "y"}, set_json{{"a"}, "1"}, append_json{{"b"}, "1"}}),
              ElementsAre("not followed: append /b: it is not there"));
  EXPECT_EQ(draft.body, "{}");
  EXPECT_EQ(draft.fields.size(), 1u);
  EXPECT_FALSE(draft.body_changed);
}

TEST(request_draft, a_model_is_changed_where_the_provider_has_it) {
  auto body = draft_of(R"({"model":"gpt-5"})");
  EXPECT_THAT(changes(body, {map_model{"o3"}}), ElementsAre("model gpt-5 -> o3"));
  EXPECT_EQ(body.body, R"({"model":"o3"})");
  auto path =
      draft_of("{}", "/v1/projects/p/locations/l/publishers/google/models/gemini-pro:streamGenerateContent?alt=sse");
  EXPECT_THAT(changes(path, {map_model{"a/b c"}}), ElementsAre("model gemini-pro -> a/b c"));
  EXPECT_EQ(path.target, "/v1/projects/p/locations/l/publishers/google/models/a%2Fb%20c:streamGenerateContent?alt=sse");
  EXPECT_FALSE(path.body_changed);
  auto cloud = draft_of(R"({"model":"a","request":{"model":"b"}})", "/v1internal:generateContent");
  EXPECT_THAT(changes(cloud, {map_model{"c"}}), ElementsAre("model a -> c"));
  EXPECT_EQ(cloud.body, R"({"model":"c","request":{"model":"b"}})");
}

TEST(request_draft, a_model_that_is_not_there_is_not_made_up) {
  for (const auto* body : {"{}", R"({"model":null})", R"({"model":"a","model":"b"})"}) {
    auto draft = draft_of(body);
    EXPECT_THAT(changes(draft, {map_model{"m"}}), ElementsAre(testing::StartsWith("not followed: model m: "))) << body;
  }
}

TEST(request_draft, what_is_as_it_should_be_is_no_change) {
  auto draft = draft_of(R"({"model":"m","a":1})");
  draft.fields = {{"X", "y"}};
  EXPECT_THAT(changes(draft, {map_model{"m"}, set_json{{"a"}, "1"}, remove_json{{"b"}}, set_header{"x", "y"},
                              remove_header{"z"}}),
              IsEmpty());
  auto path = draft_of("{}", "/v1beta/models/m:generateContent");
  EXPECT_THAT(changes(path, {map_model{"m"}}), IsEmpty());
}

TEST(request_draft, a_field_is_set_in_its_place_and_given_once) {
  auto draft = draft_of("{}");
  draft.fields = {{"A", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_THAT(changes(draft, {set_header{"a", "9"}, set_header{"c", "4"}}),
              ElementsAre("set_header a", "set_header c"));
  ASSERT_EQ(draft.fields.size(), 3u);
  EXPECT_EQ(draft.fields[0].name, "A");
  EXPECT_EQ(draft.fields[0].value, "9");
  EXPECT_EQ(draft.fields[2].name, "c");
}

TEST(request_draft, a_field_is_removed_wherever_it_is) {
  auto draft = draft_of("{}");
  draft.fields = {{"A", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_THAT(changes(draft, {remove_header{"a"}}), ElementsAre("remove_header a"));
  ASSERT_EQ(draft.fields.size(), 1u);
}

TEST(request_draft, what_a_provider_keeps_where_is_known) {
  auto draft = draft_of(R"({"max_tokens":9,"messages":[]})");
  EXPECT_THAT(changes(draft, {cap_output{5}, system_text{system_text::place::append, "t"}}),
              ElementsAre("max_output_tokens 5", "system append"));
  EXPECT_EQ(draft.body, R"({"max_tokens":5,"messages":[{"role":"system","content":"t"}]})");
  auto other = draft_of("{}", "/v1/embeddings");
  EXPECT_THAT(changes(other, {cap_output{5}}),
              ElementsAre("not followed: max_output_tokens 5: not a call of a known shape"));
}

TEST(request_draft, a_body_that_cannot_be_changed_stops_only_what_needs_it) {
  auto draft = draft_of("");
  draft.body_fault = errc::not_json;
  EXPECT_THAT(changes(draft, {set_header{"a", "b"}}), ElementsAre("set_header a"));
  EXPECT_THAT(changes(draft, {set_json{{"a"}, "1"}}), ElementsAre("not followed: set /a: the body is not JSON"));
  EXPECT_THAT(changes(draft, {cap_output{1}}), ElementsAre("not followed: max_output_tokens 1: the body is not JSON"));
}

TEST(request_draft, names_from_the_wire_are_cut_and_printable) {
  auto draft = draft_of("{\"model\":\"\\u0007" + std::string(1000, 'x') + "\"}");
  const auto told = changes(draft, {map_model{"m"}});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_LT(told.front().size(), 200u);
  EXPECT_THAT(told.front(), testing::StartsWith("model ?xxx"));
}

}  // namespace
}  // namespace app::rewrite
