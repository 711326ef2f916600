#include "app/providers/provider_set.hpp"

#include <gmock/gmock.h>

namespace app {
namespace {

TEST(provider_set, the_accounting_gets_its_hosts_paths_and_family) {
  const provider_set set{.name = "corp",
                         .hosts = {*net::text::host_pattern::parse("*.corp.example")},
                         .dialect = "anthropic",
                         .paths = {{"/api/chat", usage::provider::openai_chat}}};
  const auto entry = entry_of(set);
  EXPECT_EQ(entry.name, "corp");
  EXPECT_THAT(entry.hosts, testing::ElementsAre("*.corp.example"));
  EXPECT_EQ(entry.family, usage::provider::anthropic);
  EXPECT_EQ(entry.paths, set.paths);
}

TEST(provider_set, a_set_without_a_dialect_has_no_family) {
  EXPECT_EQ(entry_of({.name = "cursor"}).family, usage::provider::unknown);
}

TEST(provider_set, every_word_is_a_dialect_and_nothing_else) {
  EXPECT_EQ(dialect_words(), R"("openai", "anthropic", "google", "bedrock")");
  for (const auto* word : {"openai", "anthropic", "google", "bedrock"}) EXPECT_TRUE(is_dialect(word)) << word;
  for (const auto* word : {"", "OpenAI", "openai_chat"}) EXPECT_FALSE(is_dialect(word)) << word;
}

}  // namespace
}  // namespace app
