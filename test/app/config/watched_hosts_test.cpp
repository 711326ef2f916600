#include "app/config/watched_hosts.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "app/config/config_print.hpp"
#include "app/config/known_providers.hpp"

namespace app {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string corp =
    "[[mitm.provider]]\nname = \"corp\"\nhosts = [\"llm.corp.example\", \"*.llm.corp.example\"]\ndialect = "
    "\"openai\"\n";
const std::string spare =
    "[[mitm.provider]]\nname = \"spare\"\nhosts = [\"spare.example\"]\ndialect = \"anthropic\"\ndefault = false\n";

class watched : public testing::Test {
 protected:
  watched() {
    file_ = std::filesystem::path(testing::TempDir()) /
            (std::string("watched.") + testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml");
    asked_.variables["HOME"] = "/home/nobody";
  }
  ~watched() override { std::filesystem::remove(file_); }

  config_result<loaded_config> load(const std::string& text) {
    std::ofstream(file_) << text;
    asked_.file = file_;
    return load_config(asked_);
  }

  /// A good configuration.
  config values(const std::string& text) {
    const auto loaded = load(text);
    if (loaded.has_value()) return loaded->values;
    for (const auto& line : loaded.error().lines) ADD_FAILURE() << line;
    return {};
  }

  std::vector<std::string> faults(const std::string& text) {
    const auto loaded = load(text);
    return loaded.has_error() ? loaded.error().lines : std::vector<std::string>{};
  }

  std::vector<std::string> hosts(const std::string& text) { return watched_hosts(values(text)); }

  void flag(const std::string& key, const std::string& value) {
    asked_.flags.push_back({key, setting_value::untyped(value), "--set " + key});
  }

  config_request asked_;
  std::filesystem::path file_;
};

TEST_F(watched, by_default_are_the_sets_whose_hosts_are_their_own) {
  const auto all = hosts("");
  for (const auto* host :
       {"daily-cloudcode-pa.googleapis.com", "cloudcode-pa.googleapis.com", "daily-cloudcode-pa.sandbox.googleapis.com",
        "generativelanguage.googleapis.com", "api.openai.com", "api.anthropic.com", "chatgpt.com", "api.x.ai",
        "openrouter.ai", "api.groq.com", "api.mistral.ai", "codestral.mistral.ai", "api.*.githubcopilot.com"})
    EXPECT_THAT(all, Contains(host));
  for (const auto* host :
       {"*.openai.azure.com", "bedrock-runtime.*.amazonaws.com", "aiplatform.googleapis.com", "api2.cursor.sh"})
    EXPECT_THAT(all, Not(Contains(host)));
}

TEST_F(watched, are_the_hosts_of_the_providers_that_are_named) {
  EXPECT_THAT(hosts("[mitm]\nproviders = [\"vertex\", \"anthropic\"]\n"),
              ElementsAre("api.anthropic.com", "aiplatform.googleapis.com", "*-aiplatform.googleapis.com",
                          "aiplatform.*.rep.googleapis.com"));
}

TEST_F(watched, beside_hosts_without_providers_is_nothing_that_the_file_does_not_have) {
  EXPECT_THAT(hosts("[mitm]\nhosts = [\"a.example\"]\n"), ElementsAre("a.example"));
  EXPECT_THAT(hosts("[mitm]\nhosts = [\"a.example\"]\n" + corp),
              ElementsAre("llm.corp.example", "*.llm.corp.example", "a.example"));
}

TEST_F(watched, are_hosts_and_providers_where_both_are_named_each_once) {
  EXPECT_THAT(hosts("[mitm]\nproviders = [\"anthropic\"]\nhosts = [\"a.example\", \"api.anthropic.com\"]\n"),
              ElementsAre("api.anthropic.com", "a.example"));
}

TEST_F(watched, are_the_hosts_of_own_providers_beside_the_sets) {
  const auto all = hosts(corp + spare);
  EXPECT_THAT(all, AllOf(Contains("api.openai.com"), Contains("*.llm.corp.example"), Not(Contains("spare.example"))));
  EXPECT_THAT(hosts("[mitm]\nproviders = [\"spare\"]\n" + spare), ElementsAre("spare.example"));
}

TEST_F(watched, hosts_of_a_variable_or_a_flag_are_instead_of_what_the_file_chose) {
  asked_.variables["ZEROGRAVITY_MITM_HOSTS"] = "b.example";
  EXPECT_THAT(hosts("[mitm]\nproviders = [\"xai\"]\nhosts = [\"a.example\"]\n" + corp), ElementsAre("b.example"));
  flag("mitm.hosts", "c.example");
  EXPECT_THAT(hosts("[mitm]\nproviders = [\"xai\"]\n" + corp), ElementsAre("c.example"));
}

TEST_F(watched, providers_of_a_variable_or_a_flag_are_beside_the_hosts_of_the_file) {
  asked_.variables["ZEROGRAVITY_MITM_PROVIDERS"] = "anthropic";
  EXPECT_THAT(hosts("[mitm]\nhosts = [\"a.example\"]\n"), ElementsAre("api.anthropic.com", "a.example"));
  flag("mitm.hosts", "c.example");
  EXPECT_THAT(hosts(""), ElementsAre("c.example"));
  flag("mitm.providers", "cohere");
  EXPECT_THAT(hosts(""), ElementsAre("api.cohere.com", "api.cohere.ai", "c.example"));
}

TEST_F(watched, an_empty_list_of_hosts_chooses_nothing) {
  EXPECT_EQ(hosts("[mitm]\nhosts = []\n"), watched_hosts(config{}));
}

TEST_F(watched, an_unknown_provider_is_a_mistake_that_lists_the_known_ones) {
  const auto lines = faults("[mitm]\nproviders = [\"openai\", \"opnai\"]\n" + corp);
  EXPECT_THAT(lines, ElementsAre(AllOf(StartsWith(file_.native() + ":2:1: mitm.providers: unknown provider opnai"),
                                       HasSubstr("expected some of openai, anthropic, google"), HasSubstr(", vertex"),
                                       HasSubstr(", corp"), Not(HasSubstr("cursor")))));
  EXPECT_THAT(faults("[mitm]\nproviders = [\"cursor\"]\n"),
              ElementsAre(HasSubstr("mitm.providers: nothing can be read of cursor; expected some of")));
}

TEST_F(watched, to_watch_nothing_is_a_mistake) {
  EXPECT_THAT(faults("[mitm]\nproviders = []\n"),
              ElementsAre(HasSubstr(":2:1: mitm.providers: nothing would be intercepted")));
  EXPECT_THAT(faults("[mitm]\nproviders = []\n" + spare), ElementsAre(HasSubstr("nothing would be intercepted")));
  EXPECT_THAT(faults("[mitm]\nproviders = []\n" + corp), IsEmpty());
}

TEST_F(watched, mistakes_in_own_providers_are_told_with_the_others) {
  EXPECT_THAT(
      faults("threads = -1\n[[mitm.provider]]\nname = \"openai\"\nhosts = \"a.example\"\ndialect = \"openai\"\n"),
      ElementsAre(HasSubstr(":1:1: threads"), HasSubstr(":3:1: mitm.provider.name: another provider")));
}

TEST_F(watched, the_limits_of_own_providers_can_be_set) {
  EXPECT_THAT(faults("limits.own_providers = 1\n" + corp + spare),
              ElementsAre(HasSubstr("at most 1 (limits.own_providers)")));
  flag("limits.provider_hosts", "1");
  EXPECT_THAT(faults(corp), ElementsAre(HasSubstr("at most 1 (limits.provider_hosts); got 2")));
}

TEST_F(watched, what_is_printed_watches_the_same_and_says_why) {
  for (const auto& text :
       {"[mitm]\nhosts = [\"a.example\"]\n" + corp + spare, corp + spare,
        std::string("[[mitm.provider]]\nname = \"x\"\nhosts = \"x.example\"\nknown_only = true\n")}) {
    const auto first = load(text);
    ASSERT_TRUE(first.has_value());
    const auto printed = to_toml(*first);
    const auto again = load(printed);
    ASSERT_TRUE(again.has_value()) << again.error().lines.front() << '\n' << printed;
    EXPECT_EQ(watched_hosts(again->values), watched_hosts(first->values)) << printed;
    EXPECT_EQ(provider_hosts(again->values).size(), provider_hosts(first->values).size());
  }
  EXPECT_THAT(to_toml(*load("[mitm]\nhosts = [\"a.example\"]\n")),
              HasSubstr("providers = []  # from " + file_.native() + ":2:1\n"));
}

TEST_F(watched, what_the_configuration_asks_for_is_without_the_sets_of_the_version) {
  EXPECT_THAT(asked_hosts(values("")), IsEmpty());
  EXPECT_THAT(asked_hosts(values(spare + corp)), ElementsAre("llm.corp.example", "*.llm.corp.example"));
  EXPECT_THAT(asked_hosts(values("[mitm]\nproviders = [\"anthropic\"]\n")), ElementsAre("api.anthropic.com"));
}

TEST_F(watched, hosts_of_all_providers_are_known_whether_or_not_they_are_watched) {
  const auto known = provider_hosts(values("[mitm]\nhosts = [\"a.example\"]\n" + spare));
  const auto knows = [&](std::string_view host) {
    return std::ranges::any_of(known, [host](const auto& pattern) { return pattern.matches(host); });
  };
  for (const auto* host : {"api.mistral.ai", "mine.openai.azure.com", "api2.cursor.sh", "spare.example"})
    EXPECT_TRUE(knows(host)) << host;
  EXPECT_FALSE(knows("a.example"));
}

TEST_F(watched, the_accounting_knows_the_users_providers_before_the_others) {
  const auto table =
      provider_table_of(values("[[mitm.provider]]\nname = \"corp\"\nhosts = [\"api.x.ai\"]\ndialect = \"anthropic\"\n"
                               "paths = [{ path = \"/api/chat\", call = \"openai_chat\" }]\n"));
  const auto* own = table.find("api.x.ai");
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->name, "corp");
  EXPECT_EQ(own->family, usage::provider::anthropic);
  EXPECT_EQ(own->call_at("/api/chat"), usage::provider::openai_chat);
  EXPECT_EQ(table.find("us-east-1.api.x.ai")->name, "xai");
  EXPECT_EQ(table.find("generativelanguage.googleapis.com")->family, usage::provider::google);
  EXPECT_EQ(table.find("api.mistral.ai")->call_at("/v1/fim/completions"), usage::provider::openai_chat);
}

TEST_F(watched, only_these_leaves_nothing_else) {
  auto all = values("[mitm]\nproviders = [\"xai\"]\nhosts = [\"a.example\"]\n" + corp);
  watch_only(all, {"b.example"});
  EXPECT_THAT(watched_hosts(all), ElementsAre("b.example"));
  EXPECT_EQ(provider_table_of(all).find("llm.corp.example")->name, "corp");
}

}  // namespace
}  // namespace app
