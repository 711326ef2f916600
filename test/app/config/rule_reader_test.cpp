#include "app/config/rule_reader.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "app/rewrite/rule_text.hpp"

namespace app {
namespace {

using rewrite::rule;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class rule_reader : public testing::Test {
 protected:
  rule_reader()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   (std::string("rule_reader.") + testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(directory_);
  }
  ~rule_reader() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return (directory_ / name).native();
  }

  static config_result<std::vector<rule>> read(std::string_view text) {
    return read_rules(text, "c.toml", {3, 16, [](const std::string& name) {
                                         return name == "bob" ? std::optional<std::int64_t>(1001) : std::nullopt;
                                       }});
  }

  /// The only rule of a text, which must be good.
  static rule one(std::string_view text) {
    const auto rules = read(text);
    if (rules.has_error()) {
      for (const auto& line : rules.error().lines) ADD_FAILURE() << line;
      return {};
    }
    EXPECT_THAT(*rules, SizeIs(1));
    return rules->empty() ? rule{} : rules->front();
  }

  static std::vector<std::string> faults(std::string_view text) {
    const auto rules = read(text);
    return rules.has_error() ? rules.error().lines : std::vector<std::string>{};
  }

  /// Of a rule that only lacks its match and its act.
  static std::vector<std::string> faults_of_act(const std::string& act) {
    return faults("[[rules]]\nname = \"a\"\nact = [" + act + "]\n");
  }
  static rule with_act(const std::string& act) { return one("[[rules]]\nname = \"a\"\nact = [" + act + "]\n"); }

  static std::vector<std::string> faults_of_match(const std::string& match) {
    return faults("[[rules]]\nname = \"a\"\nact = [ { include_usage = true } ]\nmatch = { " + match + " }\n");
  }
  static rewrite::rule_match with_match(const std::string& match) {
    return one("[[rules]]\nname = \"a\"\nact = [ { include_usage = true } ]\nmatch = { " + match + " }\n").match;
  }

  std::filesystem::path directory_;
};

TEST_F(rule_reader, a_file_without_rules_has_none) {
  EXPECT_THAT(*read(""), IsEmpty());
  EXPECT_THAT(*read("[limits]\nconnections = 7\n"), IsEmpty());
}

TEST_F(rule_reader, rules_keep_the_order_and_the_place_that_they_have_in_the_file) {
  const auto rules = read(
      "[[rules]]\nname = \"z\"\nlast = true\nact = [ { model = \"m\" } ]\n\n[[rules]]\nname = \"a\"\ndry_run = true\n"
      "act = [ { model = \"m\" } ]\n");
  ASSERT_TRUE(rules.has_value());
  ASSERT_THAT(*rules, SizeIs(2));
  EXPECT_EQ(rules->at(0).name, "z");
  EXPECT_EQ(rules->at(0).origin, "c.toml:1:1");
  EXPECT_TRUE(rules->at(0).last);
  EXPECT_FALSE(rules->at(0).dry_run);
  EXPECT_EQ(rules->at(1).name, "a");
  EXPECT_EQ(rules->at(1).origin, "c.toml:6:1");
  EXPECT_TRUE(rules->at(1).dry_run);
}

TEST_F(rule_reader, conditions_are_one_text_or_a_list) {
  const auto match = with_match(
      R"(host = ["api.openai.com", "*.googleapis.com"], path = "/v1/*", method = ["post"], model = ["a*", "b"], kind = ["model", "count_tokens", "prewarm"], request_kind = "agent", user = "bob", uid = [7, 8], header = { User-Agent = "codex*", x = ["1", "2"] })");
  ASSERT_THAT(match.hosts, SizeIs(2));
  EXPECT_EQ(match.hosts[1].text(), "*.googleapis.com");
  EXPECT_THAT(match.paths, ElementsAre("/v1/*"));
  EXPECT_THAT(match.methods, ElementsAre("POST"));
  EXPECT_THAT(match.models, ElementsAre("a*", "b"));
  EXPECT_THAT(match.kinds,
              ElementsAre(usage::call_kind::model, usage::call_kind::count_tokens, usage::call_kind::prewarm));
  EXPECT_THAT(match.request_kinds, ElementsAre("agent"));
  EXPECT_THAT(match.uids, ElementsAre(1001, 7, 8));
  ASSERT_THAT(match.headers, SizeIs(2));
  EXPECT_EQ(match.headers[0].name, "user-agent");
  EXPECT_THAT(match.headers[0].values, ElementsAre("codex*"));
  EXPECT_THAT(match.headers[1].values, ElementsAre("1", "2"));
}

TEST_F(rule_reader, every_action_is_read) {
  const auto made = with_act(
      R"({ model = "m" }, { max_output_tokens = 4096 }, { set = "/a", value = 0 }, { remove = "/b" }, { append = "/c", json = "null" }, { system = "replace", text = "t" }, { set_header = "X-A", value = "v" }, { remove_header = "X-B" }, { include_usage = true }, { refuse_websocket = true })");
  std::vector<std::string> words;
  for (const auto& act : made.actions) words.push_back(describe(act));
  EXPECT_THAT(words,
              ElementsAre("model m", "max_output_tokens 4096", "set /a", "remove /b", "append /c", "system replace",
                          "set_header x-a", "remove_header x-b", "include_usage", "refuse_websocket"));
  EXPECT_EQ(std::get<rewrite::append_json>(made.actions[4]).json, "null");
  EXPECT_EQ(std::get<rewrite::system_text>(made.actions[5]).text, "t");
  EXPECT_EQ(std::get<rewrite::set_header>(made.actions[6]).value, "v");
}

TEST_F(rule_reader, values_become_json_in_the_order_they_are_written) {
  const auto json_of = [](const std::string& value) {
    return std::get<rewrite::set_json>(with_act("{ set = \"/a\", value = " + value + " }").actions.at(0)).json;
  };
  EXPECT_EQ(json_of("\"é\\n\\\"\""), "\"é\\n\\\"\"");
  EXPECT_EQ(json_of("0.5"), "0.5");
  EXPECT_EQ(json_of("-3"), "-3");
  EXPECT_EQ(json_of("true"), "true");
  EXPECT_EQ(json_of("{ z = 1, a = [ 1, [ ], \"x\" ], e = { } }"), R"({"z":1,"a":[1,[],"x"],"e":{}})");
  EXPECT_THAT(faults_of_act("{ set = \"/a\", value = inf }"),
              ElementsAre(HasSubstr("rules.act.value: expected a value that JSON has")));
  EXPECT_THAT(faults_of_act("{ set = \"/a\", value = [ 2020-01-01 ] }"), SizeIs(1));
}

TEST_F(rule_reader, an_answer_may_come_from_a_file) {
  const auto made = with_act("{ mock = \"" + write("a.sse", "data: x\n\n") + "\" }");
  const auto& act = std::get<rewrite::mock>(made.actions.at(0));
  EXPECT_EQ(*act.body, "data: x\n\n");
  EXPECT_EQ(act.content_type, "text/event-stream");
  EXPECT_EQ(act.status, 200u);
  const auto other = with_act("{ mock = \"" + write("a.json", "{}") + "\", status = 429 }");
  EXPECT_EQ(std::get<rewrite::mock>(other.actions.at(0)).content_type, "application/json");
  EXPECT_EQ(std::get<rewrite::mock>(other.actions.at(0)).status, 429u);
}

TEST_F(rule_reader, a_file_that_cannot_be_answered_with_is_refused) {
  const auto refused = [](const std::string& file) { return faults_of_act("{ mock = \"" + file + "\" }"); };
  EXPECT_THAT(refused("/nowhere/a.json"),
              ElementsAre("c.toml:3:10: rules.act.mock: /nowhere/a.json: No such file or directory"));
  EXPECT_THAT(refused(write("a.html", "x")),
              ElementsAre(HasSubstr("expected the absolute path of a .json, .sse or .txt file")));
  EXPECT_THAT(refused("a.json"), ElementsAre(HasSubstr("expected the absolute path")));
  EXPECT_THAT(refused(write("large.txt", std::string(17, 'x'))),
              ElementsAre(HasSubstr("larger than \"16B\" (limits.rewrite_mock)")));
  EXPECT_THAT(refused(write("fits.txt", std::string(16, 'x'))), IsEmpty());
  EXPECT_THAT(faults_of_act("{ mock = \"" + write("b.txt", "") + "\", status = 204 }"),
              ElementsAre(HasSubstr("a status that has a body")));
}

TEST_F(rule_reader, an_answer_stands_alone) {
  EXPECT_THAT(faults_of_act(R"({ block = "no" }, { model = "m" })"),
              ElementsAre(HasSubstr("expected no other action beside them")));
  EXPECT_EQ(std::get<rewrite::block>(with_act(R"({ block = "no", status = 451 })").actions.at(0)).status, 451u);
  EXPECT_EQ(std::get<rewrite::block>(with_act(R"({ block = "no" })").actions.at(0)).status, 403u);
}

TEST_F(rule_reader, only_so_many_rules_are_taken) {
  std::string text;
  for (const auto* name : {"a", "b", "c"})
    text.append("[[rules]]\nname = \"").append(name).append("\"\nact = [ { model = \"m\" } ]\n");
  EXPECT_THAT(faults(text), IsEmpty());
  text += "[[rules]]\nname = \"d\"\nact = [ { model = \"m\" } ]\n";
  EXPECT_THAT(faults(text), ElementsAre(HasSubstr("rules: expected at most 3 (limits.rewrite_rules); got 4")));
}

TEST_F(rule_reader, a_fault_names_its_place_and_what_was_expected) {
  struct fault {
    const char* act;
    const char* line;
  };
  const fault cases[] = {
      {"{ mdoel = \"m\" }",
       "c.toml:3:8: rules.act: an action without its word; expected one of set, remove, append, system"},
      {"7", "rules.act: expected a table for each action"},
      {"{ model = 7 }", "c.toml:3:10: rules.act.model: expected the name of a model; got 7"},
      {"{ model = \"a b\" }", "expected the name of a model; got \"a b\""},
      {"{ model = \"m\", system = \"append\" }",
       "rules.act.system: not a part of the action model; each action has a table"},
      {"{ model = \"m\", valeu = 1 }", "rules.act.valeu: not a part of the action model"},
      {"{ max_output_tokens = 0 }", "expected a whole number from 1 to 1000000000; got 0"},
      {"{ set = \"a\", value = 1 }", "expected a JSON pointer such as \"/metadata/user\"; got \"a\""},
      {"{ set = \"\", value = 1 }", "expected a JSON pointer"},
      {"{ set = \"/a~\", value = 1 }", "expected a JSON pointer"},
      {"{ set = \"/a\" }", "rules.act.set: expected either value or json beside it"},
      {"{ set = \"/a\", value = 1, json = \"1\" }", "expected either value or json beside it"},
      {"{ append = \"/a\", json = \"{\" }", "rules.act.json: expected a text that is JSON; got \"{\""},
      {"{ remove = \"/a\", value = 1 }", "rules.act.value: not a part of the action remove"},
      {"{ system = \"insert\", text = \"x\" }", "expected \"prepend\", \"append\" or \"replace\"; got \"insert\""},
      {"{ system = \"append\" }", "rules.act.system: expected text beside it"},
      {"{ set_header = \"a b\", value = \"x\" }", "expected the name of a header field; got \"a b\""},
      {"{ set_header = \":path\", value = \"x\" }", "expected the name of a header field"},
      {"{ set_header = \"Content-Length\", value = \"1\" }", "content-length belongs to the framing"},
      {"{ remove_header = \"Host\" }", "host belongs to the framing"},
      {"{ set_header = \"a\", value = \"x\\r\\ny: z\" }", "expected a value without control characters"},
      {"{ set_header = \"a\" }", "expected value beside it"},
      {"{ block = \"\" }", "expected the message of the error; got \"\""},
      {"{ block = \"x\", status = 200 }", "expected a whole number from 400 to 599; got 200"},
      {"{ include_usage = false }", "expected true; got false"},
      {"{ refuse_websocket = false }", "expected true; got false"},
      {"", "rules.act: expected a list of actions"},
  };
  for (const auto& [act, line] : cases) EXPECT_THAT(faults_of_act(act), ElementsAre(HasSubstr(line))) << act;
}

TEST_F(rule_reader, a_refused_upgrade_cannot_hang_on_what_it_does_not_tell) {
  const auto with = [](const std::string& match) {
    return faults("[[rules]]\nname = \"a\"\nact = [ { refuse_websocket = true } ]\nmatch = { " + match + " }\n");
  };
  EXPECT_THAT(with("model = \"gpt*\""),
              ElementsAre(HasSubstr("rules.match: the request for a WebSocket names no model")));
  EXPECT_THAT(with("request_kind = \"agent\""), SizeIs(1));
  EXPECT_THAT(with("host = \"api.openai.com\""), testing::IsEmpty());
}

TEST_F(rule_reader, a_fault_in_a_condition_names_its_place) {
  struct fault {
    const char* match;
    const char* line;
  };
  const fault cases[] = {
      {"hots = \"x\"", "c.toml:4:11: rules.match.hots: unknown; expected host, path, method, model"},
      {"host = \"*\"", "c.toml:4:11: rules.match.host: `*`: "},
      {"host = []", "expected a host pattern such as \"*.googleapis.com\" or a list of them; got a list"},
      {"path = 7", "rules.match.path: expected a pattern such as \"/v1/chat/*\" or a list of them; got 7"},
      {"path = [\"/a\", 7]", "got a list"},
      {"kind = \"chat\"", "expected \"model\", \"count_tokens\", \"other\", \"prewarm\"; got \"chat\""},
      {"user = \"nobody-knows\"", "rules.match.user: there is no user nobody-knows"},
      {"uid = -1", "expected a whole number from 0 to 4294967294; got -1"},
      {"uid = []", "the list is empty"},
      {"header = \"x\"", "expected a table, such as { user-agent = \"codex*\" }; got \"x\""},
      {"header = { a = 1 }", "rules.match.header.a: expected a pattern or a list of them; got 1"},
  };
  for (const auto& [match, line] : cases) EXPECT_THAT(faults_of_match(match), ElementsAre(HasSubstr(line))) << match;
  EXPECT_THAT(faults("[[rules]]\nname = \"a\"\nmatch = 7\nact = [ { model = \"m\" } ]"),
              ElementsAre(HasSubstr("rules.match: expected a table")));
}

TEST_F(rule_reader, all_faults_are_told_at_once_in_the_order_of_the_file) {
  EXPECT_THAT(faults("[[rules]]\nact = [ { model = 1 }, { block = 2 } ]\n\n[[rules]]\nname = \"a,b\"\nnmae = 1\n\n"
                     "[[rules]]\nname = \"x\"\nlast = 1\nact = [ { model = \"m\" } ]\n"),
              ElementsAre(AllOf(StartsWith("c.toml:1:1: rules.name"), HasSubstr("missing")),
                          StartsWith("c.toml:2:11: rules.act.model"), StartsWith("c.toml:2:26: rules.act.block"),
                          AllOf(StartsWith("c.toml:4:1: rules.act"), HasSubstr("missing")),
                          StartsWith("c.toml:5:1: rules.name: expected up to 64 letters"),
                          StartsWith("c.toml:6:1: rules.nmae: unknown"),
                          StartsWith("c.toml:10:1: rules.last: expected true or false")));
}

TEST_F(rule_reader, names_are_given_once) {
  const std::string one = "[[rules]]\nname = \"a\"\nact = [ { model = \"m\" } ]\n";
  EXPECT_THAT(faults(one + one), ElementsAre("c.toml:5:1: rules.name: another rule is called a, too"));
}

TEST_F(rule_reader, rules_are_tables) {
  EXPECT_THAT(faults("rules = 1\n"),
              ElementsAre(HasSubstr("rules: expected tables, each begun with [[rules]]; got 1")));
  EXPECT_THAT(faults("[rules]\nname = \"a\"\n"), ElementsAre(HasSubstr("rules: expected tables")));
  EXPECT_THAT(faults("rules = [1]\n"), ElementsAre(HasSubstr("rules: expected tables")));
}

TEST_F(rule_reader, users_are_those_of_the_system) {
  EXPECT_EQ(uid_of_user("root"), 0);
  EXPECT_EQ(uid_of_user("no-such-user-here"), std::nullopt);
}

}  // namespace
}  // namespace app
