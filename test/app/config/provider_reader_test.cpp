#include "app/config/provider_reader.hpp"

#include <gmock/gmock.h>

namespace app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

config_result<std::vector<provider_set>> read(std::string_view text) {
  static const std::vector<provider_set> others{{.name = "openai"}};
  return read_providers(text, "c.toml", {.providers = 2, .hosts = 3}, others);
}

std::vector<std::string> faults(std::string_view text) {
  const auto sets = read(text);
  return sets.has_error() ? sets.error().lines : std::vector<std::string>{};
}

/// Of a provider that is good but for this line.
std::vector<std::string> faults_of(const std::string& line) {
  std::string text = "[[mitm.provider]]\n" + line + '\n';
  if (!line.starts_with("name")) text += "name = \"corp\"\n";
  if (!line.starts_with("hosts")) text += "hosts = \"llm.corp.example\"\n";
  if (!line.starts_with("dialect")) text += "dialect = \"openai\"\n";
  return faults(text);
}

TEST(provider_reader, a_provider_is_read_with_all_that_it_says) {
  const auto sets = read(R"(
[mitm]
hosts = ["a.example"]
[[mitm.provider]]
name = "corp"
hosts = ["LLM.corp.example", "*.llm.corp.example"]
dialect = "anthropic"
paths = [{ path = "/api/chat", call = "openai_chat" }, { path = "/t/*/ask", call = "anthropic" }]
)");
  ASSERT_TRUE(sets.has_value()) << sets.error().lines.front();
  ASSERT_THAT(*sets, SizeIs(1));
  const auto& set = sets->front();
  EXPECT_EQ(set.name, "corp");
  EXPECT_EQ(set.origin, "c.toml:4:1");
  EXPECT_EQ(set.dialect, "anthropic");
  EXPECT_EQ(set.watch, set_watch::by_default);
  ASSERT_THAT(set.hosts, SizeIs(2));
  EXPECT_EQ(set.hosts[0].text(), "llm.corp.example");
  EXPECT_EQ(set.hosts[1].text(), "*.llm.corp.example");
  EXPECT_THAT(set.paths, ElementsAre(usage::path_call{"/api/chat", usage::provider::openai_chat},
                                     usage::path_call{"/t/*/ask", usage::provider::anthropic}));
}

TEST(provider_reader, one_may_have_to_be_named_or_be_only_known) {
  const auto sets = read(
      "[[mitm.provider]]\nname = \"a\"\nhosts = \"a.example\"\ndialect = \"google\"\ndefault = false\n"
      "[[mitm.provider]]\nname = \"b\"\nhosts = \"b.example\"\nknown_only = true\n");
  ASSERT_TRUE(sets.has_value()) << sets.error().lines.front();
  EXPECT_EQ(sets->at(0).watch, set_watch::if_named);
  EXPECT_EQ(sets->at(1).watch, set_watch::never);
}

TEST(provider_reader, a_text_without_providers_has_none) {
  EXPECT_THAT(*read(""), IsEmpty());
  EXPECT_THAT(*read("[mitm]\nhosts = [\"a.example\"]\n"), IsEmpty());
}

TEST(provider_reader, a_mistake_is_told_with_its_place_and_what_was_expected) {
  EXPECT_THAT(faults_of("name = \"openai\""),
              ElementsAre("c.toml:2:1: mitm.provider.name: another provider is called openai, too"));
  EXPECT_THAT(
      faults_of("name = \"a b\""),
      ElementsAre(AllOf(StartsWith("c.toml:2:1: mitm.provider.name: expected up to 64"), HasSubstr("got \"a b\""))));
  EXPECT_THAT(faults_of("hosts = []"),
              ElementsAre(StartsWith("c.toml:2:1: mitm.provider.hosts: expected a host pattern")));
  EXPECT_THAT(faults_of("hosts = [\"*\"]"), ElementsAre(HasSubstr("mitm.provider.hosts: `*`")));
  EXPECT_THAT(faults_of("dialect = \"klingon\""),
              ElementsAre("c.toml:2:1: mitm.provider.dialect: expected one of \"openai\", \"anthropic\", \"google\", "
                          "\"bedrock\"; got \"klingon\""));
  EXPECT_THAT(faults_of("default = 1"), ElementsAre(HasSubstr("mitm.provider.default: expected true or false")));
  EXPECT_THAT(
      faults_of("host = \"a.example\""),
      ElementsAre("c.toml:2:1: mitm.provider.host: unknown; a provider has name, hosts, dialect, paths, default "
                  "and known_only"));
  EXPECT_THAT(faults_of("paths = \"/api/chat\""),
              ElementsAre(HasSubstr("mitm.provider.paths: expected a list such as")));
}

TEST(provider_reader, so_is_a_mistake_in_a_path) {
  const auto of_path = [](const std::string& members) { return faults_of("paths = [{ " + members + " }]"); };
  for (const auto* path : {"api", "/a?b", "/a b", "/*/b/*"})
    EXPECT_THAT(of_path("path = \"" + std::string(path) + "\", call = \"google\""),
                ElementsAre(HasSubstr("mitm.provider.paths.path: expected a path without a query")))
        << path;
  for (const auto* call : {"gemini", "unknown", ""})
    EXPECT_THAT(of_path("path = \"/a\", call = \"" + std::string(call) + "\""),
                ElementsAre(HasSubstr("mitm.provider.paths.call: expected")))
        << call;
  EXPECT_THAT(of_path("path = \"/a\""), ElementsAre(HasSubstr("mitm.provider.paths.call: missing")));
  EXPECT_THAT(of_path("call = \"google\""), ElementsAre(HasSubstr("mitm.provider.paths.path: missing")));
  EXPECT_THAT(of_path("path = \"/a\", call = \"google\", kind = 1"),
              ElementsAre(HasSubstr("mitm.provider.paths.kind: unknown; expected path and call")));
}

TEST(provider_reader, what_is_missing_is_told) {
  EXPECT_THAT(faults("[[mitm.provider]]\n"), ElementsAre(HasSubstr("c.toml:1:1: mitm.provider.name: missing"),
                                                         HasSubstr("mitm.provider.hosts: missing"),
                                                         HasSubstr("mitm.provider.dialect: missing; expected one of")));
}

TEST(provider_reader, it_must_be_a_list_of_tables) {
  for (const auto* text : {"mitm.provider = \"openai\"\n", "[mitm.provider]\nname = \"a\"\n", "mitm.provider = [1]\n"})
    EXPECT_THAT(faults(text),
                ElementsAre(HasSubstr("mitm.provider: expected tables, each begun with [[mitm.provider]]")))
        << text;
}

TEST(provider_reader, there_is_an_end_to_how_many_there_may_be) {
  const auto provider = [](const std::string& name) {
    return "[[mitm.provider]]\nname = \"" + name + "\"\nhosts = \"" + name + ".example\"\ndialect = \"openai\"\n";
  };
  EXPECT_THAT(faults(provider("a") + provider("b")), IsEmpty());
  EXPECT_THAT(faults(provider("a") + provider("b") + provider("c")),
              ElementsAre(HasSubstr("mitm.provider: expected at most 2 (limits.own_providers); got 3")));
  EXPECT_THAT(faults(provider("a") + provider("a")), ElementsAre(HasSubstr("another provider is called a, too")));
  EXPECT_THAT(faults_of("hosts = [\"a.b\", \"c.d\", \"e.f\"]"), IsEmpty());
  EXPECT_THAT(faults_of("hosts = [\"a.b\", \"c.d\", \"e.f\", \"g.h\"]"),
              ElementsAre(HasSubstr("mitm.provider.hosts: expected at most 3 (limits.provider_hosts); got 4")));
  const std::string path = "{ path = \"/a\", call = \"google\" }";
  EXPECT_THAT(faults_of("paths = [" + path + ", " + path + ", " + path + ", " + path + "]"),
              ElementsAre(HasSubstr("mitm.provider.paths: expected at most 3 (limits.provider_hosts); got 4")));
}

}  // namespace
}  // namespace app
