#include "app/config/known_providers.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "app/config/provider_reader.hpp"
#include "app/providers/provider_text.hpp"

namespace app {
namespace {

const provider_set* set_of(std::string_view host) {
  for (const auto& set : known_providers()) {
    if (std::ranges::any_of(set.hosts, [host](const auto& pattern) { return pattern.matches(host); })) return &set;
  }
  return nullptr;
}

TEST(known_providers, the_file_of_the_program_can_be_read) {
  const auto read = read_providers(provider_text(), "providers.toml", {}, {});
  for (const auto& line : read.has_error() ? read.error().lines : std::vector<std::string>{}) ADD_FAILURE() << line;
  EXPECT_GT(known_providers().size(), 20u);
  EXPECT_EQ(known_providers().front().name, "openai");
}

TEST(known_providers, no_two_have_one_name_or_one_host) {
  std::set<std::string> names;
  for (const auto& set : known_providers()) {
    EXPECT_TRUE(names.insert(set.name).second) << set.name;
    for (const auto& other : known_providers()) {
      for (const auto& host : set.hosts) {
        for (const auto& theirs : other.hosts) {
          if (&host != &theirs) EXPECT_FALSE(host.covers(theirs)) << host.text() << ' ' << theirs.text();
        }
      }
    }
  }
}

TEST(known_providers, the_ca_is_permitted_no_shared_domain_by_default) {
  const std::set<std::string_view> own = {"generativelanguage.googleapis.com", "cloudcode-pa.googleapis.com",
                                          "daily-cloudcode-pa.googleapis.com",
                                          "daily-cloudcode-pa.sandbox.googleapis.com"};
  for (const auto& set : known_providers()) {
    if (set.watch != set_watch::by_default) continue;
    for (const auto& host : set.hosts) {
      const auto subtree = host.constraint();
      for (const auto* shared : {"amazonaws.com", "api.aws", "azure.com", "googleapis.com", "googleusercontent.com"}) {
        EXPECT_TRUE(own.contains(subtree) || !(subtree == shared || subtree.ends_with(std::string(".") + shared)))
            << set.name << ' ' << host.text();
      }
    }
  }
}

TEST(known_providers, those_whose_domains_others_share_must_be_named) {
  const auto names = default_providers();
  for (const auto* name : {"openai", "anthropic", "google", "xai", "openrouter", "groq", "moonshot", "deepseek",
                           "mistral", "together", "fireworks", "cerebras", "copilot"})
    EXPECT_THAT(names, testing::Contains(name));
  for (const auto* name : {"azure", "bedrock", "vertex", "cursor"})
    EXPECT_THAT(names, testing::Not(testing::Contains(name)));
  for (const auto* name : {"azure", "bedrock", "vertex"}) {
    const auto found = std::ranges::find(known_providers(), name, &provider_set::name);
    ASSERT_NE(found, known_providers().end()) << name;
    EXPECT_EQ(found->watch, set_watch::if_named) << name;
  }
}

TEST(known_providers, hosts_of_a_region_or_a_resource_are_theirs) {
  for (const auto& [host, name] : std::initializer_list<std::pair<const char*, const char*>>{
           {"eu.api.openai.com", "openai"},
           {"mine.openai.azure.com", "azure"},
           {"mine.services.ai.azure.com", "azure"},
           {"europe-west4-aiplatform.googleapis.com", "vertex"},
           {"aiplatform.eu.rep.googleapis.com", "vertex"},
           {"bedrock-runtime.us-east-1.amazonaws.com", "bedrock"},
           {"bedrock-runtime-fips.us-east-1.amazonaws.com", "bedrock"},
           {"api.business.githubcopilot.com", "copilot"},
           {"us-east-1.api.x.ai", "xai"},
           {"codestral.mistral.ai", "mistral"},
           {"daily-cloudcode-pa.sandbox.googleapis.com", "google"},
           {"api2.cursor.sh", "cursor"}}) {
    const auto* set = set_of(host);
    ASSERT_NE(set, nullptr) << host;
    EXPECT_EQ(set->name, name) << host;
  }
  for (const auto* other :
       {"openai.azure.com", "s3.us-east-1.amazonaws.com", "-aiplatform.googleapis.com", "storage.googleapis.com",
        "copilot-telemetry.githubcopilot.com", "ab.chatgpt.com", "mistral.ai", "auth.openai.com"})
    EXPECT_EQ(set_of(other), nullptr) << other;
}

}  // namespace
}  // namespace app
