#include "mitm/policy/provider_hosts.hpp"

#include <gtest/gtest.h>

#include "mitm/policy/intercept_policy.hpp"

namespace mitm {
namespace {

TEST(provider_hosts, a_whole_name_is_one_in_any_case) {
  EXPECT_TRUE(is_provider_host("api.mistral.ai"));
  EXPECT_TRUE(is_provider_host("API.Mistral.AI"));
  for (const char* other : {"", "ai", "mistral.ai", "xapi.mistral.ai", "a.api.mistral.ai", "api.mistral.ai.example"})
    EXPECT_FALSE(is_provider_host(other)) << other;
}

TEST(provider_hosts, names_of_a_region_or_a_resource_are) {
  for (const char* name : {"eu.api.openai.com", "mine.openai.azure.com", "europe-west4-aiplatform.googleapis.com",
                           "bedrock-runtime.us-east-1.amazonaws.com", "api.business.githubcopilot.com"})
    EXPECT_TRUE(is_provider_host(name)) << name;
  for (const char* other : {".openai.azure.com", "openai.azure.com", "s3.us-east-1.amazonaws.com",
                            "bedrock-runtime.example", "-aiplatform.googleapis.com",
                            "copilot-telemetry.githubcopilot.com", "ab.chatgpt.com", "storage.googleapis.com"})
    EXPECT_FALSE(is_provider_host(other)) << other;
}

TEST(provider_hosts, what_is_watched_by_default_is_known_but_for_previews) {
  for (const auto& host : default_hosts()) {
    if (!host.starts_with("daily-")) EXPECT_TRUE(is_provider_host(host)) << host;
  }
}

}  // namespace
}  // namespace mitm
