#include "usage/provider_table.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

const provider_table table({
    {"own", {"api.openai.com", "*.corp.example"}, provider::anthropic, {}},
    {"openai", {"api.openai.com", "*.api.openai.com", "chatgpt.com"}, provider::openai_chat, {}},
    {"copilot", {"api.*.githubcopilot.com"}, provider::openai_chat, {}},
    {"vertex", {"*-aiplatform.googleapis.com", "*"}, provider::google, {}},
});

std::string_view name_of(std::string_view host) {
  const auto* found = table.find(host);
  return found == nullptr ? std::string_view() : found->name;
}

TEST(provider_table, a_host_has_the_provider_whose_pattern_matches_it) {
  EXPECT_EQ(name_of("chatgpt.com"), "openai");
  EXPECT_EQ(name_of("EU.API.OpenAI.com."), "openai");
  EXPECT_EQ(name_of("api.business.githubcopilot.com"), "copilot");
  EXPECT_EQ(name_of("europe-west4-aiplatform.googleapis.com"), "vertex");
  EXPECT_EQ(table.find("europe-west4-aiplatform.googleapis.com")->family, provider::google);
}

TEST(provider_table, of_two_entries_with_one_host_the_first_is_meant) {
  EXPECT_EQ(name_of("api.openai.com"), "own");
  EXPECT_EQ(table.find("api.openai.com")->family, provider::anthropic);
}

TEST(provider_table, other_hosts_and_what_is_no_host_have_none) {
  for (const auto* other : {"", ".", "openai.com", "xchatgpt.com", "a.chatgpt.com", "telemetry.githubcopilot.com",
                            "a..corp.example", "127.0.0.1", "anything.example"})
    EXPECT_EQ(table.find(other), nullptr) << other;
  EXPECT_EQ(provider_table().find("chatgpt.com"), nullptr);
}

TEST(provider_table, a_path_of_an_entry_says_what_the_call_is) {
  const provider_entry entry{
      "x",
      {},
      provider::unknown,
      {{"/api/chat", provider::openai_chat}, {"/t/*/ask", provider::anthropic}, {"/api/*", provider::google}}};
  EXPECT_EQ(entry.call_at("/api/chat"), provider::openai_chat);
  EXPECT_EQ(entry.call_at("/api/chat/"), provider::openai_chat);
  EXPECT_EQ(entry.call_at("/api/other"), provider::google) << "the first that matches";
  EXPECT_EQ(entry.call_at("/t/a/b/ask"), provider::anthropic);
  EXPECT_EQ(entry.call_at("/t/ask"), provider::unknown);
  EXPECT_EQ(entry.call_at("/API/chat"), provider::unknown) << "paths have their case";
  EXPECT_EQ(entry.call_at(""), provider::unknown);
}

}  // namespace
}  // namespace usage
