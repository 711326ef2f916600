#include "app/rewrite/rewriter.hpp"

#include <gmock/gmock.h>

#include "test/app/rewrite/rule_fixture.hpp"
#include "test/usage/compress.hpp"

namespace app::rewrite {
namespace {

using mitm::rewritten;
using outcome = audit_entry::outcome;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t limit = 1 << 20;

class rewriter_test : public testing::Test {
 protected:
  void use(std::vector<rule> rules, bool dry_run = false) {
    rules_ = std::make_shared<const rule_set>(std::move(rules), dry_run);
  }

  rewriter make() {
    return rewriter({[this] { return rules_; },
                     {"api.openai.com", 1000},
                     limit,
                     [this](const audit_entry& entry) {
                       audit_.push_back(std::string(to_string(entry.what)) + ' ' + entry.rule + ' ' + entry.host +
                                        entry.path + ": " + entry.changes);
                     }});
  }

  rewritten rewrite(mitm::held_request& request) { return make().rewrite(request); }

  bool wants(std::string_view text) {
    const auto head = net::wire::parse_request_head(text);
    return make().wants(*head);
  }

  std::shared_ptr<const rule_set> rules_ = std::make_shared<const rule_set>();
  std::vector<std::string> audit_;
};

TEST_F(rewriter_test, without_rules_no_request_is_wanted) {
  EXPECT_FALSE(wants("POST /v1/chat/completions HTTP/1.1\r\nhost: api.openai.com\r\n\r\n"));
}

TEST_F(rewriter_test, the_head_alone_tells_whether_a_request_is_wanted) {
  use({make_rule("a", {map_model{"m"}},
                 {.hosts = {host("api.openai.com")}, .paths = {"/v1/chat/*"}, .models = {"gpt*"}})});
  EXPECT_TRUE(wants("POST /v1/chat/completions?x=1 HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(wants("POST /v1/responses HTTP/1.1\r\n\r\n"));
  use({make_rule("a", {map_model{"m"}}, {.hosts = {host("api.anthropic.com")}})});
  EXPECT_FALSE(wants("POST /v1/chat/completions HTTP/1.1\r\n\r\n"));
}

TEST_F(rewriter_test, a_request_is_changed_in_place_and_the_note_names_no_value) {
  use({make_rule("cheaper", {map_model{"gpt-5-mini"}, set_json{{"temperature"}, "0.5"}, set_header{"x-a", "secret"}})});
  auto request = chat_request(R"({ "model" : "gpt-5", "n": 1.0 })", {{"Accept", "*/*"}});
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::changed);
  EXPECT_EQ(request.body, R"({ "model" : "gpt-5-mini", "n": 1.0,"temperature":0.5 })");
  EXPECT_EQ(request.fields.size(), 2u);
  EXPECT_EQ(done.note.rules, "cheaper");
  EXPECT_EQ(done.note.changes, "model gpt-5 -> gpt-5-mini; set /temperature; set_header x-a");
  EXPECT_FALSE(done.note.answered);
  EXPECT_EQ(done.response, nullptr);
  EXPECT_THAT(audit_, ElementsAre("applied cheaper api.openai.com/v1/chat/completions: " + done.note.changes));
}

TEST_F(rewriter_test, a_query_is_kept_and_never_told) {
  use({make_rule("a", {map_model{"gemini-flash"}})});
  mitm::held_request request{"POST", "/v1beta/models/gemini-pro:generateContent?key=secret", {}, "{}"};
  EXPECT_EQ(rewrite(request).what, rewritten::outcome::changed);
  EXPECT_EQ(request.target, "/v1beta/models/gemini-flash:generateContent?key=secret");
  EXPECT_EQ(request.body, "{}");
  EXPECT_THAT(
      audit_,
      ElementsAre(
          "applied a api.openai.com/v1beta/models/gemini-pro:generateContent: model gemini-pro -> gemini-flash"));
}

TEST_F(rewriter_test, a_request_that_no_rule_changes_stays_as_it_is) {
  use({make_rule("a", {cap_output{100}})});
  auto request = chat_request(R"({"max_tokens":5})");
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::unchanged);
  EXPECT_TRUE(done.note.rules.empty());
  EXPECT_TRUE(done.note.changes.empty());
  EXPECT_THAT(audit_, IsEmpty());
}

TEST_F(rewriter_test, a_rule_that_cannot_be_followed_leaves_the_others_alone) {
  use({make_rule("a", {set_json{{"x"}, "1"}, set_json{{"y", "z"}, "1"}}), make_rule("b", {set_json{{"b"}, "2"}})});
  auto request = chat_request("{}");
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::changed);
  EXPECT_EQ(request.body, R"({"b":2})");
  EXPECT_EQ(done.note.rules, "b");
  EXPECT_EQ(done.note.changes, "a not applied: set /y/z: it is not there; set /b");
  EXPECT_THAT(audit_, ElementsAre(testing::StartsWith("not_applied a "), testing::StartsWith("applied b ")));
}

TEST_F(rewriter_test, a_body_keeps_the_coding_that_it_came_with) {
  use({make_rule("a", {set_json{{"x"}, "1"}})});
  for (const std::string coding : {"gzip", "deflate", "br", "zstd"}) {
    auto request = chat_request(usage::compress::as(coding, "{}"), {{"Content-Encoding", coding}});
    EXPECT_EQ(rewrite(request).what, rewritten::outcome::changed) << coding;
    EXPECT_EQ(request.fields.front().value, coding);
    EXPECT_NE(request.body, R"({"x":1})");
    use({make_rule("b", {set_json{{"y"}, "1"}})});
    rewrite(request);
    request.fields.clear();
    use({make_rule("a", {set_json{{"x"}, "1"}})});
  }
}

TEST_F(rewriter_test, a_body_that_cannot_be_read_passes_and_says_why) {
  use({make_rule("by_model", {set_header{"a", "b"}}, {.models = {"gpt*"}}),
       make_rule("by_body", {set_json{{"x"}, "1"}}), make_rule("header", {set_header{"x-h", "1"}})});
  auto request = chat_request("not gzip", {{"content-encoding", "gzip"}});
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::changed);
  EXPECT_EQ(request.body, "not gzip");
  EXPECT_EQ(done.note.rules, "header");
  EXPECT_EQ(done.note.changes,
            "by_model not applied: match: malformed coded body; by_body not applied: set /x: malformed coded body; "
            "set_header x-h");
}

TEST_F(rewriter_test, a_body_decodes_to_so_many_bytes_only) {
  use({make_rule("a", {set_json{{"x"}, "1"}})});
  auto request = chat_request(usage::compress::gzip("{\"a\":\"" + std::string(limit, 'a') + "\"}"),
                              {{"content-encoding", "gzip"}});
  EXPECT_EQ(rewrite(request).note.changes, "a not applied: set /x: the decoded body passed its limit");
}

TEST_F(rewriter_test, a_request_without_a_body_names_no_model) {
  use({make_rule("a", {set_header{"a", "b"}}, {.models = {"*gpt*"}})});
  mitm::held_request request{"GET", "/v1/models", {}, ""};
  EXPECT_EQ(rewrite(request).what, rewritten::outcome::unchanged);
  EXPECT_THAT(audit_, IsEmpty());
}

TEST_F(rewriter_test, a_rehearsal_changes_nothing_and_says_what_would_be) {
  for (const bool all : {false, true}) {
    auto quiet = make_rule("a", {set_json{{"x"}, "1"}});
    quiet.dry_run = !all;
    use({quiet}, all);
    audit_.clear();
    auto request = chat_request("{}");
    const auto done = rewrite(request);
    EXPECT_EQ(done.what, rewritten::outcome::unchanged);
    EXPECT_EQ(request.body, "{}");
    EXPECT_TRUE(done.note.rules.empty());
    EXPECT_THAT(audit_, ElementsAre("would_apply a api.openai.com/v1/chat/completions: set /x"));
  }
}

TEST_F(rewriter_test, a_blocked_request_is_answered_and_the_rules_before_do_not_count) {
  use({make_rule("a", {set_json{{"x"}, "1"}}), make_rule("no", {block{"not today", 403}}),
       make_rule("b", {set_json{{"y"}, "1"}})});
  auto request = chat_request("{}");
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::answered);
  EXPECT_EQ(done.answer.status, 403u);
  EXPECT_TRUE(done.note.answered);
  EXPECT_EQ(done.note.rules, "no");
  EXPECT_EQ(done.note.changes, "block");
  EXPECT_THAT(audit_, ElementsAre("answered no api.openai.com/v1/chat/completions: block"));
}

TEST_F(rewriter_test, a_rehearsed_block_lets_the_request_pass) {
  use({make_rule("no", {block{"not today", 403}})}, true);
  auto request = chat_request("{}");
  EXPECT_EQ(rewrite(request).what, rewritten::outcome::unchanged);
  EXPECT_THAT(audit_, ElementsAre("would_answer no api.openai.com/v1/chat/completions: block"));
}

TEST_F(rewriter_test, usage_that_was_asked_for_by_a_rule_is_taken_out_of_the_answer) {
  use({make_rule("a", {include_usage{}})});
  auto request =
      chat_request(R"({"stream":true})", {{"Accept-Encoding", "gzip, br"}, {"x", "y"}, {"accept-encoding", "zstd"}});
  const auto done = rewrite(request);
  EXPECT_EQ(request.body, R"({"stream":true,"stream_options":{"include_usage":true}})");
  ASSERT_EQ(request.fields.size(), 2u);
  EXPECT_EQ(request.fields[0].name, "Accept-Encoding");
  EXPECT_EQ(request.fields[0].value, "identity");
  EXPECT_NE(done.response, nullptr);
  auto asked = chat_request(R"({"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(rewrite(asked).response, nullptr);
}

TEST_F(rewriter_test, a_request_that_could_not_be_held_is_told) {
  use({make_rule("a", {set_json{{"x"}, "1"}}), make_rule("b", {set_json{{"x"}, "1"}}, {.methods = {"GET"}}),
       make_rule("c", {set_json{{"x"}, "1"}})});
  const auto head = net::wire::parse_request_head("POST /v1/chat/completions?k=1 HTTP/1.1\r\n\r\n");
  const auto note = make().passed_over(*head, "larger than 1 KiB");
  EXPECT_TRUE(note.rules.empty());
  EXPECT_EQ(note.changes, "a, c not applied: larger than 1 KiB");
  EXPECT_THAT(audit_, ElementsAre("not_applied a, c api.openai.com/v1/chat/completions: larger than 1 KiB"));
}

TEST_F(rewriter_test, each_request_meets_the_rules_in_force) {
  auto one = make();
  auto request = chat_request("{}");
  EXPECT_EQ(one.rewrite(request).what, rewritten::outcome::unchanged);
  use({make_rule("a", {set_json{{"x"}, "1"}})});
  EXPECT_EQ(one.rewrite(request).what, rewritten::outcome::changed);
}

TEST_F(rewriter_test, the_client_is_known_by_its_uid) {
  use({make_rule("a", {set_json{{"x"}, "1"}}, {.uids = {1, 1000}}),
       make_rule("b", {set_json{{"y"}, "1"}}, {.uids = {1}})});
  auto request = chat_request("{}");
  rewrite(request);
  EXPECT_EQ(request.body, R"({"x":1})");
}

/// A message on a WebSocket of the Responses API.
mitm::held_request message(std::string body) {
  return {"POST", "/v1/responses", {{"Upgrade", "websocket"}}, std::move(body), mitm::request_form::message};
}

/// What asked for it.
mitm::held_request upgrade(std::string target = "/v1/responses") {
  return {
      "GET", std::move(target), {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}}, "", mitm::request_form::upgrade};
}

constexpr std::string_view upgrade_text =
    "GET /v1/responses HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

class socket_rules : public rewriter_test {
 protected:
  bool wants_messages() { return make().wants({"POST", "/v1/responses", 1, {}, 1, "websocket"}); }
};

TEST_F(socket_rules, messages_of_the_responses_api_are_requests) {
  EXPECT_TRUE(make().reads_messages(*net::wire::parse_request_head(upgrade_text)));
  EXPECT_TRUE(make().reads_messages({"CONNECT", "/v1/responses", 1, {}, 2, "websocket"}));
  EXPECT_FALSE(make().reads_messages({"CONNECT", "/v1/realtime", 1, {}, 2, "websocket"}));
  EXPECT_FALSE(make().reads_messages({"POST", "/v1/responses", 1, {}}));
}

TEST_F(socket_rules, a_message_is_changed_as_a_body_is) {
  use({make_rule("cheaper",
                 {map_model{"gpt-5-mini"}, cap_output{100}, system_text{system_text::place::append, "Be brief."},
                  remove_json{{"metadata"}}},
                 {.models = {"gpt-5*"}, .kinds = {usage::call_kind::model}})});
  EXPECT_TRUE(wants_messages());
  auto request = message(R"({"type":"response.create","model":"gpt-5","metadata":{},"instructions":"Hi."})");
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::changed);
  EXPECT_EQ(
      request.body,
      R"({"type":"response.create","model":"gpt-5-mini","instructions":"Hi.\n\nBe brief.","max_output_tokens":100})");
  EXPECT_EQ(done.note.rules, "cheaper");
  EXPECT_EQ(done.note.changes, "model gpt-5 -> gpt-5-mini; max_output_tokens 100; system append; remove /metadata");
}

TEST_F(socket_rules, a_message_that_is_no_call_passes_and_nothing_is_told) {
  use({make_rule("a", {set_json{{"x"}, "1"}}), make_rule("b", {block{"no"}})});
  auto request = message(R"({"type":"response.cancel"})");
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::unchanged);
  EXPECT_TRUE(done.note.empty());
  EXPECT_THAT(audit_, IsEmpty());
}

TEST_F(socket_rules, a_prewarm_is_of_its_own_kind) {
  use({make_rule("a", {set_json{{"x"}, "1"}}, {.kinds = {usage::call_kind::prewarm}})});
  EXPECT_TRUE(wants_messages());
  auto call = message(R"({"type":"response.create"})");
  EXPECT_EQ(rewrite(call).what, rewritten::outcome::unchanged);
  auto prewarm = message(R"({"type":"response.create","generate":false})");
  EXPECT_EQ(rewrite(prewarm).what, rewritten::outcome::changed);
}

TEST_F(socket_rules, a_block_leaves_the_upgrade_alone_and_answers_the_message) {
  use({make_rule("no", {block{"not today", 403}})});
  EXPECT_FALSE(wants(upgrade_text));
  EXPECT_TRUE(wants_messages());
  auto request = message(R"({"type":"response.create","stream_id":"s1"})");
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::answered);
  EXPECT_EQ(done.answer.status, 403u);
  EXPECT_THAT(done.events, ElementsAre(testing::HasSubstr(R"("message":"not today")")));
  EXPECT_TRUE(done.note.answered);
  EXPECT_EQ(done.note.rules, "no");
}

TEST_F(socket_rules, a_mock_without_events_is_not_applied_and_told) {
  use({make_rule("m", {mock{"/a.txt", "text/plain", std::make_shared<const std::string>("hi")}})});
  auto request = message(R"({"type":"response.create"})");
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::unchanged);
  EXPECT_EQ(done.note.changes, "m not applied: mock /a.txt: the file holds no events for a WebSocket");
}

TEST_F(socket_rules, header_fields_are_those_of_the_upgrade) {
  use({make_rule("both", {set_header{"x-team", "a"}, set_json{{"x"}, "1"}})});
  EXPECT_TRUE(wants(upgrade_text));
  auto asked = upgrade();
  const auto opened = rewrite(asked);
  EXPECT_EQ(opened.what, rewritten::outcome::changed);
  EXPECT_EQ(asked.fields.back().name, "x-team");
  EXPECT_EQ(opened.note.changes, "set_header x-team");
  auto request = message(R"({"type":"response.create"})");
  EXPECT_EQ(rewrite(request).note.changes, "set /x");
}

TEST_F(socket_rules, header_fields_that_hang_on_the_model_cannot_be_changed_and_it_is_told) {
  use({make_rule("both", {set_json{{"x"}, "1"}, set_header{"x-team", "a"}}, {.models = {"gpt*"}})});
  EXPECT_FALSE(wants(upgrade_text));
  auto request = message(R"({"type":"response.create","model":"gpt-5"})");
  const auto done = rewrite(request);
  EXPECT_EQ(done.what, rewritten::outcome::unchanged);
  EXPECT_THAT(done.note.changes, testing::StartsWith("both not applied: set_header x-team: only the upgrade"));
}

TEST_F(socket_rules, an_upgrade_can_be_refused) {
  use({make_rule("post", {refuse_websocket{}}, {.hosts = {host("api.openai.com")}})});
  EXPECT_TRUE(wants(upgrade_text));
  auto asked = upgrade();
  const auto done = rewrite(asked);
  EXPECT_EQ(done.what, rewritten::outcome::answered);
  EXPECT_EQ(done.answer.status, 426u);
  EXPECT_EQ(done.note.changes, "refuse_websocket");
  EXPECT_FALSE(wants_messages());
  auto post = message(R"({"type":"response.create"})");
  post.form = mitm::request_form::plain;
  EXPECT_EQ(rewrite(post).what, rewritten::outcome::unchanged) << "to which its client falls back";
}

TEST_F(socket_rules, a_dry_run_changes_answers_and_refuses_nothing) {
  auto quiet = make_rule("quiet", {refuse_websocket{}});
  quiet.dry_run = true;
  auto block_dry = make_rule("block", {block{"no"}});
  block_dry.dry_run = true;
  use({quiet, block_dry});
  auto asked = upgrade();
  EXPECT_EQ(rewrite(asked).what, rewritten::outcome::unchanged);
  auto request = message(R"({"type":"response.create"})");
  EXPECT_EQ(rewrite(request).what, rewritten::outcome::unchanged);
  use({make_rule("a", {set_json{{"x"}, "1"}})}, true);
  EXPECT_EQ(rewrite(request).what, rewritten::outcome::unchanged);
  EXPECT_THAT(audit_, ElementsAre("would_apply quiet api.openai.com/v1/responses: refuse_websocket",
                                  "would_apply block api.openai.com/v1/responses: block",
                                  "would_apply a api.openai.com/v1/responses: set /x"));
}

TEST_F(socket_rules, a_socket_whose_messages_are_no_calls_is_a_request_like_any_other) {
  use({make_rule("no", {block{"not today", 403}}), make_rule("post", {refuse_websocket{}})});
  auto asked = upgrade("/v1/realtime");
  EXPECT_EQ(rewrite(asked).answer.status, 403u);
}

}  // namespace
}  // namespace app::rewrite
